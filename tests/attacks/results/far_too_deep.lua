-- expect: invalid_result
local t = {}
for _ = 1, 200000 do t = {t} end
return t
