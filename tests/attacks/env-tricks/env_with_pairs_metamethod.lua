-- expect: ok
local outer = _ENV
local _ENV = outer.setmetatable({}, {__index = outer, __pairs = function() return function() end end})
for _ in pairs(_ENV) do return "ESCAPED" end
return "empty"
