-- expect: invalid_result, output_limit
local t = {"leaf"}
for _ = 1, 40 do t = {t, t} end
return t
