-- expect: cpu_limit [line: 2]
table.move({}, 1, math.maxinteger - 1, 2)
return "ESCAPED"
