-- expect: cpu_limit [line: 3]
local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end})
table.remove(t, 1)
return "ESCAPED"
