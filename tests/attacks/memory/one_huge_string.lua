-- expect: memory_limit [line: 2]
return #string.rep("x", 1 << 30)
