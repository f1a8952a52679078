-- expect: ok
local s = tostring(setmetatable({}, {__name = "disguise"}))
return s:find("%x%x%x%x%x%x%x%x") and "ESCAPED " .. s or "no address"
