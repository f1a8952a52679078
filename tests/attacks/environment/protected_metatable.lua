-- expect: ok
local t = setmetatable({}, {__metatable = "locked"})
return getmetatable(t) == "locked" and not pcall(setmetatable, t, {}) and "locked" or "ESCAPED"
