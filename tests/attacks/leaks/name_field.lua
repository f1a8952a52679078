-- expect: ok
local s = tostring(setmetatable({}, {__name = "disguise"}))
return s:find("%f[%x]0*[1-9a-f]%x%x%x%x%x%x") and "ESCAPED " .. s or "no address"
