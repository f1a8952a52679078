-- expect: plugin_error, cpu_limit
error(setmetatable({}, {__tostring = function() while true do end end}))
