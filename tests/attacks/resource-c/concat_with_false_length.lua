-- expect: cpu_limit, plugin_error, memory_limit
local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end, __index = function() return "" end})
return "ESCAPED" .. table.concat(t)
