-- expect: memory_limit [line: 3]
local s = ("x"):rep(10000000)
return #string.format("%s%s%s%s%s%s%s%s", s, s, s, s, s, s, s, s)
