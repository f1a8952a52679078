-- expect: memory_limit [line: 2]
tostring(setmetatable({}, {__tostring = function() return ("x"):rep(1 << 30) end}))
return "ESCAPED"
