-- fuzz: policy=1 seed=322 context=4 profile=1 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
_G._G = nil
_G =  nil 

return "still running"
