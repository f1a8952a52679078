-- expect: instruction_limit [limits: instructions=100000, cpu_ms=10000] [line: 2]
while true do pcall(function() while true do end end) end
