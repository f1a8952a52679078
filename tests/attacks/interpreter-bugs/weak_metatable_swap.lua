-- expect: ok [limits: cpu_ms=5000]
-- Use after free up to 5.4.8: an all-weak table whose metatable is replaced during a collection.
local tables = {}
for i = 1, 200 do
  local t = setmetatable({}, {__mode = "kv"})
  for j = 1, 50 do t[{}] = {} t[j] = {j} end
  tables[i] = t
end
for round = 1, 200 do
  for i = 1, #tables do
    local t = tables[i]
    setmetatable(t, round % 3 == 0 and {__mode = "k"} or round % 3 == 1 and {__mode = "v"} or {__mode = "kv"})
    for j = 1, 5 do t[{}] = {j} t["k" .. j] = {} end
  end
end
return "sound"
