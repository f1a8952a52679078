-- expect: cpu_limit [line: 2]
print(setmetatable({}, {__tostring = function() while true do end end}))
return "ESCAPED"
