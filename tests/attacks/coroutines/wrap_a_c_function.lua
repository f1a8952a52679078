-- expect: ok
local ok = pcall(coroutine.wrap(pcall), error)
return ok and coroutine.wrap(math.abs)(-1) == 1 and "sound"
