-- expect: memory_limit
local t = {}
while true do table.insert(t, 1.5) end
