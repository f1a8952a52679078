-- expect: plugin_error
local t = {}
t.t = t
return "ESCAPED" .. json.encode(t)
