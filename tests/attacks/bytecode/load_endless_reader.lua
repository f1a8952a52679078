-- expect: ok, plugin_error, cpu_limit, memory_limit [policy: trusted]
local ok, f = pcall(load, function() return " " end)
return ok and f and "ESCAPED" or "refused"
