-- expect: cpu_limit [line: 5]
-- The running coroutine is the main one again: the verdict must name its line.
local co = coroutine.create(function() coroutine.yield() end)
coroutine.resume(co)
while true do end
