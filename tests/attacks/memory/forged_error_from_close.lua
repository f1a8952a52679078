-- expect: plugin_error
local _ <close> = setmetatable({}, {__close = function() error("not enough memory", 0) end})
error("first")
