-- expect: cpu_limit [line: 2]
while true do print("flood") end
