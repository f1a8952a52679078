-- expect: ok [context: {"list":[1]}]
local mt = getmetatable(context) or getmetatable(context.list)
if type(mt) ~= "table" then return "hidden" end
rawset(mt, "__gc", function() while true do end end)
return "sound"
