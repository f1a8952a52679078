-- expect: ok [context: {"a":1}]
context = setmetatable({}, {__index = function() return "ESCAPED" end})
return function(c) return c.a == 1 and "own context" or "other" end
