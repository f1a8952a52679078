-- expect: cpu_limit, memory_limit [policy: trusted]
local n = 0
while true do n = n + 1; load("return " .. n)() end
