-- fuzz: policy=0 seed=798 context=7 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: cpu_limit [line: 2]
local co = coroutine.wrap(function() coroutine.yield() while  co 
 do end end)
co()
co()
co()
return   co 
 

