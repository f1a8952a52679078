-- expect: cpu_limit [line: 2]
local co = coroutine.wrap(function() coroutine.yield() while true do end end)
co()
co()
return "ESCAPED"
