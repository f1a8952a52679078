-- expect: plugin_error
local t = {}
t.t = t
error(t)
