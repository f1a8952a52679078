-- fuzz: policy=4 seed=305 context=3 profile=1 coverage=1 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=0 output_bytes=4096 log_bytes=65536 json_depth=64
-- ex*ct: ok


