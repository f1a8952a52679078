-- expect: ok [limits: cpu_ms=5000]
local keep = {}
for round = 1, 400 do
  local t = setmetatable({}, {__mode = "kv"})
  for j = 1, 200 do t[j] = {} t[{}] = j end
  setmetatable(t, nil)
  for j = 1, 200 do t[j] = {} end
  keep[round % 20 + 1] = t
end
return "sound"
