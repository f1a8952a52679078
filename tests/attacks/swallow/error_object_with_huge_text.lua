-- expect: plugin_error, memory_limit
error(setmetatable({}, {__tostring = function() return ("x"):rep(10000000) end}))
