-- expect: cpu_limit [line: 2]
coroutine.wrap(function() while true do end end)()
return "ESCAPED"
