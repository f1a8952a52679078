-- expect: memory_limit [line: 2]
xpcall(string.rep, function() return "ESCAPED" end, "x", 1 << 30)
return "ESCAPED"
