-- expect: cpu_limit [line: 2]
pcall(function() while true do end end)
return "ESCAPED"
