-- expect: cpu_limit [line: 5] [limits: cpu_ms=1000]
local t = {}
for i = 1, 100000 do t["k" .. i] = true end
for k in pairs(t) do t[k] = nil end
while true do local _ = next(t) end
