-- expect: ok
print(("x"):rep(10000000))
return "done"
