-- expect: cpu_limit [line: 2]
xpcall(function() while true do end end, function() while true do end end)
return "ESCAPED"
