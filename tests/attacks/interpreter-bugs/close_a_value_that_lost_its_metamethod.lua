-- expect: plugin_error
local t = setmetatable({}, {__close = function() end})
local _ <close> = t
getmetatable(t).__close = nil
