-- fuzz: policy=6 seed=862 context=3 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=100000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok


pcall(log.info)
 while true do print() end
 
 do return  ... 
 end 
return "mine"
