-- expect: output_limit [limits: output_bytes=10000]
local t = {}
for i = 1, 20000 do t[i] = 1 end
return t
