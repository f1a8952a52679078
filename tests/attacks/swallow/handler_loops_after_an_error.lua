-- expect: cpu_limit [line: 2]
xpcall(error, function() while true do end end)
return "ESCAPED"
