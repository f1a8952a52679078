-- fuzz: policy=5 seed=893 context=4 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=1000 log_bytes=1000 json_depth=64
-- expect: cpu_limit [line: 2]
 while true do coroutine.wrap(function(...) pcall( rawget({a = 1, b = 2, c = 3}, 1/0) 
, json.null, _, _) end)(1, 2) end


 


 

