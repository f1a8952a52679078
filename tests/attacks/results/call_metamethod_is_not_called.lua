-- expect: ok [output: {"a":1}]
return setmetatable({a = 1}, {__call = function() return "ESCAPED" end})
