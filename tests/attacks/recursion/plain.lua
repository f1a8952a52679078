-- expect: plugin_error, memory_limit
local function f() return 1 + f() end
return f()
