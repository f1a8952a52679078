-- expect: plugin_error
local _ENV = nil
x = 1
return "ESCAPED"
