-- expect: memory_limit, cpu_limit
local s, keep = ("x"):rep(1000), {}
while true do keep[#keep + 1] = {s:match(("(.-)"):rep(31))} end
