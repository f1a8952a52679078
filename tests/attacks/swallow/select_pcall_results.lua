-- expect: cpu_limit [line: 2]
return select(2, pcall(function() while true do end end)) and "ESCAPED"
