-- expect: wall_limit [limits: cpu_ms=20000, wall_ms=150] [line: 3]
coroutine.wrap(function()
  while true do end
end)()
