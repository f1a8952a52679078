-- expect: ok
local cache = setmetatable({}, {__mode = "v"})
for i = 1, 1000 do cache[i] = {i} end
for i = 1, 300 do local _ = ("x"):rep(100000) .. i end
return "sound"
