-- expect: cpu_limit [line: 3]
local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end})
table.insert(t, 1, "x")
return "ESCAPED"
