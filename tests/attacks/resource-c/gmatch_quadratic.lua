-- expect: cpu_limit [line: 2]
for _ in ("a"):rep(2000000):gmatch("a-b") do end
return "ESCAPED"
