-- expect: instruction_limit [limits: instructions=300000, cpu_ms=10000] [line: 2]
coroutine.wrap(function() while true do end end)()
return "ESCAPED"
