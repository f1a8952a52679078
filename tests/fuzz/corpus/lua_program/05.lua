-- fuzz: policy=4 seed=843 context=4 profile=0 coverage=1 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=16
-- expet: plugin_error
 xpcall(error, function(...) error() end) 


