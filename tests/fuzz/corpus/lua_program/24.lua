-- fuzz: policy=7 seed=181 context=2 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
 while true do pcall( 2 < ('0x10' + 5e-324) 
, "abc", "(b)", replacement)
pcall( 2 < ('0x10' + 5e-324) 
, "abc", "(b)", replacement) end 



