-- expect: plugin_error
local t = setmetatable({}, {})
getmetatable(t).__index = function(s, k) return s[k] end
return t.x
