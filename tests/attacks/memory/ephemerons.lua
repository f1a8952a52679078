-- expect: memory_limit, cpu_limit
local t = setmetatable({}, {__mode = "k"})
local last = {}
t[last] = last
while true do local k = {}; t[last] = k; t[k] = last; last = k; rawset(t, #t + 1, k) end
