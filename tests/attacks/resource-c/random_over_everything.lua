-- expect: ok
local v = math.random(math.mininteger, math.maxinteger)
return math.type(v) == "integer" and not pcall(math.random, 2, 1) and "bounded" or "ESCAPED"
