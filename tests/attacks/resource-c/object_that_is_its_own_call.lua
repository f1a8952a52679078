-- expect: cpu_limit, plugin_error
-- The call shifts the stack by one for every round, in C.
local t = setmetatable({}, {})
getmetatable(t).__call = t
t()
return "ESCAPED"
