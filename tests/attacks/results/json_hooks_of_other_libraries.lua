-- expect: ok [output: {"a":1}]
return setmetatable({a = 1}, {__tojson = function() return "ESCAPED" end, __jsontype = "array", __name = "x"})
