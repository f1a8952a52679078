-- expect: cpu_limit [line: 2]
table.sort({3, 2, 1}, function() while true do end end)
return "ESCAPED"
