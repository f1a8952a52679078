-- expect: ok
local n = select("#", select(math.maxinteger, 1, 2, 3))
return n == 0 and not pcall(select, math.mininteger, 1) and "bounded" or "ESCAPED"
