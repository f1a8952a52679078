-- expect: ok [context: [null]]
local n = context[1]
pcall(function() n.x = "ESCAPED" end)
pcall(setmetatable, n, {__index = function() return "ESCAPED" end})
local ok, v = pcall(function() return n.x end)
return ok and v or "fixed"
