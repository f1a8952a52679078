-- expect: cpu_limit
xpcall(function() while true do end end, function() return "ESCAPED" end)
return "ESCAPED"
