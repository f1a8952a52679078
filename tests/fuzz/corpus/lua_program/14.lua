-- fuzz: policy=2 seed=888 context=7 profile=0 coverage=1 cancel=0 wall_ms=2000 cpu_ms=5 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=1
-- expect: cpu_limit
for _ in function()  local _ <close> = mark(1) 
return  "321" 
 end do end


