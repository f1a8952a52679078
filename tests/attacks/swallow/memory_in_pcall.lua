-- expect: memory_limit [line: 2]
pcall(string.rep, "x", 1 << 30)
return "ESCAPED"
