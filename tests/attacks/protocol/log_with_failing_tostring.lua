-- expect: plugin_error
print(setmetatable({}, {__tostring = function() error("x") end}))
return "ESCAPED"
