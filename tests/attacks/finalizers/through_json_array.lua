-- expect: ok
local mt = getmetatable(json.array())
if type(mt) ~= "table" then return "hidden" end
local ok = pcall(rawset, mt, "__gc", function() while true do end end)
return ok and not pcall(json.array) and "refused" or "sound"
