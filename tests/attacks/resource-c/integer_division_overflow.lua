-- expect: ok
-- mininteger // -1 traps on the processor where it isn't guarded.
local a, b = math.mininteger // -1, math.mininteger % -1
return a == math.mininteger and b == 0 and not pcall(function() return 1 // 0 end) and "bounded" or "ESCAPED"
