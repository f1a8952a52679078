-- expect: ok [repeat: 6]
if getmetatable(_G) or getmetatable(json.array()) ~= getmetatable(json.array()) then return "ESCAPED" end
setmetatable(_G, {__index = function() return "ESCAPED" end})
setmetatable(string, {__index = {leak = 1}})
return "set"
