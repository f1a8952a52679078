-- expect: ok, plugin_error, cpu_limit
local function f() return pcall(coroutine.wrap(function() return pcall(f) end)) end
f()
return "survived"
