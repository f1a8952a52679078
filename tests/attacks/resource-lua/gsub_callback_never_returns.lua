-- expect: cpu_limit [line: 2]
("abc"):gsub(".", function() while true do end end)
return "ESCAPED"
