-- expect: memory_limit
local co = coroutine.create(function() local t = {} while true do t[#t + 1] = {} end end)
coroutine.resume(co)
return "ESCAPED"
