-- expect: ok [policy: trusted]
local f = load("x = 1 return x", "=x", "t", {})
return f() == 1 and rawget(_G, "x") == nil and "caged" or "ESCAPED"
