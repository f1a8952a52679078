-- expect: ok, plugin_error, cpu_limit
local function handler(e) return xpcall(error, handler, e) end
xpcall(error, handler, "x")
return "survived"
