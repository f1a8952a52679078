-- expect: ok [output: {"a":1}]
return setmetatable({a = 1}, {__pairs = function() return function() return "b", "ESCAPED" end end})
