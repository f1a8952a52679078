-- expect: ok
local co = coroutine.create(function() end)
coroutine.resume(co)
return coroutine.resume(co) == false and coroutine.status(co) == "dead" and "refused" or "ESCAPED"
