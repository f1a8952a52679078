-- expect: memory_limit [log: kept]
print("before the end")
return #("x"):rep(1 << 30)
