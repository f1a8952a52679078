-- expect: ok
local f = coroutine.wrap(coroutine.yield)
return f(1) == 1 and f(2) == 2 and "sound"
