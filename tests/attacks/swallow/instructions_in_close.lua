-- expect: instruction_limit [limits: instructions=100000, cpu_ms=10000] [line: 3]
local _ <close> = setmetatable({}, {__close = function() while true do end end})
while true do end
