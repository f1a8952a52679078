-- expect: cpu_limit [line: 2]
while true do local _ = {{}, {}, {}} end
