-- expect: plugin_error
local _ENV = {}
return print("ESCAPED")
