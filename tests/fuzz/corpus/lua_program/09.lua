-- fuzz: policy=3 seed=884 context=1 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=16
-- expect: plugin_error
error( setmetatable({}, {__call = math.min}) 
)
