-- fuzz: policy=4 seed=125 context=1 profile=0 coverage=1 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=0 json_depth=64
-- expect: ok [output: null]
local _ =  _ 

