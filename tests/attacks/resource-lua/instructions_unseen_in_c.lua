-- expect: cpu_limit [limits: instructions=1000000000, cpu_ms=200] [line: 3]
-- A C function counts as one instruction: the CPU limit must hold all the same.
("a"):rep(3000):find(("a*"):rep(30) .. "b")
return "ESCAPED"
