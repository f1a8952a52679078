-- fuzz: policy=6 seed=482 context=7 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=4194304 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: cpu_limit
::again::
pcall( {} 
, "x")
goto ag;ain
|