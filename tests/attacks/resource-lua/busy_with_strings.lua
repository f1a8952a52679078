-- expect: cpu_limit [line: 3]
local n = 0
while true do n = n + 1; local _ = "k" .. n end
