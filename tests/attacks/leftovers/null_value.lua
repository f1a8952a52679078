-- expect: ok [repeat: 6]
if pcall(function() return json.null.leak end) and json.null.leak then return "ESCAPED" end
pcall(function() json.null.leak = 1 end)
pcall(setmetatable, json.null, {__index = {leak = 1}})
return "tried"
