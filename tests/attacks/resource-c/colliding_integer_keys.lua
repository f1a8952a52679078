-- expect: cpu_limit
-- Integers hash to themselves modulo the table's size: all of these share one chain.
local t = {}
for i = 1, 1 << 17 do t[i * ((1 << 18) - 1) * ((1 << 17) - 1)] = true end
for i = 1, 1 << 17 do t[i * ((1 << 18) - 1) * ((1 << 17) - 1)] = nil end
local n = 0
while true do
  n = n + 1
  local _ = t[n * ((1 << 17) - 1)]
end
