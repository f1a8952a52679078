-- expect: ok
local depth = 0
local function f() depth = depth + 1; return coroutine.resume(coroutine.create(f)) end
f()
return depth < 100000 and "survived" or "ESCAPED"
