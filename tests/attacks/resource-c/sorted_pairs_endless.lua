-- expect: cpu_limit [line: 4]
local t = {}
for i = 1, 50000 do t["k" .. i] = i end
while true do for _ in table.sorted_pairs(t) do end end
