-- expect: ok [output: {"a":1}]
return setmetatable({a = 1}, {__metatable = "array", __name = "array", __jsontype = "array", array = true})
