-- expect: ok [output: {"a":1}]
return setmetatable({a = 1}, {__index = function() return "ESCAPED" end})
