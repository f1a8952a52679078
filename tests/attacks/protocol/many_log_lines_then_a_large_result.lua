-- expect: ok
for i = 1, 2000 do log.debug(i) end
return ("x"):rep(500000)
