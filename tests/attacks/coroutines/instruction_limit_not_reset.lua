-- expect: instruction_limit [limits: instructions=400000, cpu_ms=10000]
-- Many coroutines that are each resumed for a little while.
local list = {}
for i = 1, 50 do list[i] = coroutine.wrap(function() while true do for _ = 1, 50 do end coroutine.yield() end end) end
while true do for i = 1, 50 do list[i]() end end
