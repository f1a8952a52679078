-- fuzz: policy=0 seed=468 context=4 profile=0 coverage=0 cancel=0 wall_ms=1000 cpu_ms=20 memory_bytes=1048576 instructions=300000 output_bytes=65536 log_bytes=4096 json_depth=64
-- expect: cpu_limit [line: 2]
table.move({}, 1,  error 
 - 1, 2)
return "ESCAPED"
