-- fuzz: policy=4 seed=664 context=1 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=49 json_depth=64
-- expect: plugin_error, memory_limit, cpu_limit
local t = {"leaf"}
for _ = 1, 40 do t = { 'abc abc' 
, t} end
error(t)
