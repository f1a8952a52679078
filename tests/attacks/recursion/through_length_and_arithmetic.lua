-- expect: plugin_error
local t = setmetatable({}, {})
local mt = getmetatable(t)
mt.__len = function(s) return s + 1 end
mt.__add = function(s) return #s end
return #t
