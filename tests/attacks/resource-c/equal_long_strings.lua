-- expect: cpu_limit [limits: cpu_ms=400, memory_bytes=67108864] [line: 3]
local a, b = ("x"):rep(5000000) .. "a", ("x"):rep(5000000) .. "a"
while a == b do end
return "ESCAPED"
