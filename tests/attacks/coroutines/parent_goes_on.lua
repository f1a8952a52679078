-- expect: cpu_limit [line: 3]
-- A limit raised inside a coroutine would only end the coroutine.
local co = coroutine.create(function() while true do end end)
local ok = coroutine.resume(co)
return ok or "ESCAPED"
