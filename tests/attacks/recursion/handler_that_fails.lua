-- expect: ok, plugin_error, cpu_limit
local ok = xpcall(error, function(e) error(e) end, "x")
return ok and "ESCAPED" or "survived"
