-- expect: ok
-- A false __gc would mark the object; the function may come afterwards.
local mt = {__gc = false}
return pcall(setmetatable, {}, mt) and "ESCAPED" or "refused"
