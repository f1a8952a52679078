-- expect: instruction_limit [limits: instructions=100000, cpu_ms=10000] [line: 2]
xpcall(function() while true do end end, function() while true do end end)
return "ESCAPED"
