-- expect: ok
local _, m = pcall(require, "no_such_module")
return tostring(m):find("[/\\?]") and "ESCAPED " .. m or "clean"
