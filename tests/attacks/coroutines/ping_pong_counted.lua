-- expect: instruction_limit [limits: instructions=500000, cpu_ms=10000]
local co = coroutine.wrap(function() while true do coroutine.yield() end end)
while true do co() end
