-- expect: plugin_error
-- Finding a name for the error message walks registers.
local t = {}
local a = t
return a.b.c.d.e
