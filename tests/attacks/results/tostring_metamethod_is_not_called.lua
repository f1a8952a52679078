-- expect: ok [output: {"a":{}}]
return {a = setmetatable({}, {__tostring = function() return "ESCAPED" end})}
