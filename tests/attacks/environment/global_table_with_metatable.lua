-- expect: ok
setmetatable(_G, {__index = function() return "ESCAPED" end, __newindex = function() end, __pairs = function() return next, {} end})
return "x"
