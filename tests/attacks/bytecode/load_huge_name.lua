-- expect: ok [policy: trusted]
local f, message = load("x x", ("n"):rep(1000000))
return not f and #message < 1000 and "bounded" or "ESCAPED"
