-- fuzz: policy=5 seed=47 context=3 profile=1 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
local function f(_ENV) 
 
 
 end

 

