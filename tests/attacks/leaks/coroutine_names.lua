-- expect: ok
local co = coroutine.wrap(function() return tostring((coroutine.running())) end)
local s = co()
return s:find("%f[%x]0*[1-9a-f]%x%x%x%x%x%x") and "ESCAPED " .. s or "no address"
