-- expect: ok, plugin_error, cpu_limit
local depth = 0
local function f() depth = depth + 1; return pcall(f) end
f()
return depth > 0 and "survived"
