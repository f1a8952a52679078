-- fuzz: policy=2 seed=418 context=0 profile=1 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=67108864 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok


return  1 << 53 

