-- expect: cpu_limit [line: 2]
while true do local _ = string.format("%99.99f", 1.7e308) end
