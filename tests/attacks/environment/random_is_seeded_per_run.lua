-- expect: ok
local a, b = math.random(0), math.random(0)
return a ~= b and "random" or "ESCAPED"
