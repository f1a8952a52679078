-- expect: wall_limit [limits: cpu_ms=20000, wall_ms=150] [line: 2]
pcall(function() while true do end end)
return "ESCAPED"
