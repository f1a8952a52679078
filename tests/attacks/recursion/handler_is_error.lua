-- expect: ok, plugin_error
local ok = xpcall(error, error, "x")
return ok and "ESCAPED" or "survived"
