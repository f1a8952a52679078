-- expect: ok
local co = coroutine.wrap(function() return tostring((coroutine.running())) end)
local s = co()
return s:find("%x%x%x%x%x%x%x%x") and "ESCAPED " .. s or "no address"
