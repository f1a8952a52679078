-- expect: cpu_limit [line: 2]
local t = setmetatable({}, {__index = function() pcall(function() while true do end end) return "ESCAPED" end})
return t.x
