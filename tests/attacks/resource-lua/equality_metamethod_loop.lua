-- expect: cpu_limit [line: 2]
local mt = {__eq = function() while true do end end}
return setmetatable({}, mt) == setmetatable({}, mt) and "ESCAPED"
