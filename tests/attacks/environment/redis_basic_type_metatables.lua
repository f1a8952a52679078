-- expect: ok
-- CVE-2025-46818: metatables of basic types were shared and writable.
local ok = pcall(function() getmetatable("").__index = function() return "ESCAPED" end end)
return ok and ("x").anything == "ESCAPED" and "ESCAPED" or "refused"
