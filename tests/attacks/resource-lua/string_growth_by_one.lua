-- expect: cpu_limit, memory_limit
local s = ""
while true do s = s .. "x" end
