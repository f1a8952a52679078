-- expect: cpu_limit [line: 2]
local _ <close> = setmetatable({}, {__close = function() while true do end end})
return "ESCAPED"
