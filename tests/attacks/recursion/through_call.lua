-- expect: plugin_error, cpu_limit
local t = setmetatable({}, {})
getmetatable(t).__call = function(s, ...) return 1 + s(...) end
return t()
