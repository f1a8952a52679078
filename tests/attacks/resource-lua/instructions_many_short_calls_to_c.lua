-- expect: instruction_limit [limits: instructions=200000, cpu_ms=10000] [line: 2]
while true do math.abs(1) end
