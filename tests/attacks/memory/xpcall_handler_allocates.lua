-- expect: memory_limit
local t = {}
xpcall(function() while true do t[#t + 1] = {} end end, function() return ("x"):rep(1000000) end)
return "ESCAPED"
