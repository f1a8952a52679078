-- expect: cpu_limit [line: 2]
while true do local x = 0; local _ = function() x = x + 1 end end
