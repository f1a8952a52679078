-- expect: ok
local c = os.clock()
return c >= 0 and c < 100 and "own" or "ESCAPED " .. c
