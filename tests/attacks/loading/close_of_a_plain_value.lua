-- expect: plugin_error
local _ <close> = 42
return "ESCAPED"
