-- expect: cpu_limit [line: 2]
for _ = 1, math.maxinteger do end
return "ESCAPED"
