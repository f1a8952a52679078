-- expect: memory_limit [line: 2]
local t = setmetatable({}, {__index = function() return ("x"):rep(1 << 30) end})
return t.x and "ESCAPED"
