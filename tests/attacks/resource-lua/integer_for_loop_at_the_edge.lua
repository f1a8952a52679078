-- expect: ok
local n = 0
for _ = math.maxinteger - 2, math.maxinteger do n = n + 1 end
for _ = math.mininteger + 1, math.mininteger, -1 do n = n + 1 end
return n == 5 and "bounded" or "ESCAPED"
