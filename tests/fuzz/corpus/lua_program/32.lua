-- fuzz: policy=3 seed=515 context=7 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=3000000 instructions=20000 output_bytes=3 log_bytes=65536 json_depth=64
-- expect: ok [limits: cpu_ms=5000]
local keep = {}
xpcall(error, function(...) for round = 1, 400 do
  local t = setmetatable({}, {__mode = "kv"})
  for j = 1, 200 do t[j] = {} t[{}] = j end
  setmetatable(t, nil)
  for j = 1, 200 do t[j] = {} end
  keep[round % 20 + 1] = t
end end)

 do return "sound" end 

