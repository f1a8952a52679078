-- expect: cpu_limit [line: 2]
pcall(pcall, pcall, function() while true do end end)
return "ESCAPED"
