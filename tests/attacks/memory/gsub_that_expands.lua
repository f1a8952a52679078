-- expect: memory_limit [line: 2]
return #("x"):rep(1000000):gsub("x", ("y"):rep(1000))
