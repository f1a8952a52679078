-- expect: wall_limit [limits: cpu_ms=20000, wall_ms=150] [line: 2]
while true do end
