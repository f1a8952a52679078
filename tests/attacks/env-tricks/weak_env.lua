-- expect: ok
local outer = _ENV
local _ENV = outer.setmetatable({}, {__mode = "kv", __index = outer})
for i = 1, 1000 do x = {i} end
return "sound"
