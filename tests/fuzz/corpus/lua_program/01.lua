-- fuzz: policy=0 seed=295 context=6 profile=0 coverage=1 cancel=0 wall_ms=2000 cpu_ms=5 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=48 json_depth=2
',