-- expect: plugin_error
print(setmetatable({}, {__tostring = function() return {} end}))
return "ESCAPED"
