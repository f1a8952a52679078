-- fuzz: policy=4 seed=15 context=1 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=1 log_bytes=65536 json_depth=32
-- expect: cpu_limit, memory_limit, plugin_error
local s = ("x"):rep(1000)
for _ = 1, 100 do  s = s:gsub("(x)", "%1%1%0") 
s = s:gsub("(x)", "%1%1%0") end
return "ESCAPED"
