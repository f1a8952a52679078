-- fuzz: policy=3 seed=181 context=2 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=100000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
 while true do  do local _ = select(2, pcall(string.reverse, tostring(select(2, pcall(string.format, '%i %u %c', v6, v6))))) end 
pcall( 2 < ('0x10' + 5e-324) 
, "abc", "(b)", replacement)
 g0 = function(...) return ('10'):upper() end
 
pcall( 2 < ('0x10' + 5e-324) 
, "abc", "(b)", replacement) end 



