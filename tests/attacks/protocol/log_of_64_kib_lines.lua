-- expect: ok
for _ = 1, 10 do print(("x"):rep(65536)) end
for _ = 1, 10 do print(("x"):rep(65535)) end
return "mine"
