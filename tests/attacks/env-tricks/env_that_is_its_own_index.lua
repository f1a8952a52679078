-- expect: plugin_error
local rep = setmetatable({}, {})
getmetatable(rep).__index = rep
local _ENV = rep
return x
