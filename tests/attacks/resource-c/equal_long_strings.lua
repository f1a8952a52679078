-- expect: cpu_limit [limits: cpu_ms=1500, memory_bytes=134217728] [line: 3]
local a, b = ("x"):rep(20000000) .. "a", ("x"):rep(20000000) .. "a"
while a == b do end
return "ESCAPED"
