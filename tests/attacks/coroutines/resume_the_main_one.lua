-- expect: ok
local main = coroutine.running()
local ok = coroutine.wrap(function() return (coroutine.resume(main)) end)()
return ok == false and "refused" or "ESCAPED"
