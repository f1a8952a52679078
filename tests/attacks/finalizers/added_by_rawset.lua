-- expect: ok
local mt = {}
rawset(mt, "__gc", function() end)
return pcall(setmetatable, {}, mt) and "ESCAPED" or "refused"
