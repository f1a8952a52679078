-- expect: cpu_limit [line: 2]
local t = setmetatable({}, {__concat = function() while true do end end})
return "ESCAPED" .. t
