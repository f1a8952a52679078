-- fuzz: policy=4 seed=917 context=5 profile=1 coverage=0 cancel=0 wall_ms=100 cpu_ms=20 memory_bytes=4194304 instructions=20000 output_bytes=1 log_bytes=65536 json_depth=64
-- expect: ok


 

coroutine.wrap(function(...) repeat pcall(print, json.null,  select(2, pcall(math.sqrt,  rawget({_, nil, _}, - (rawlen(json.array({v318, v318, json.null})) + (40 & select('#', _, _)))) 
)) 
, v) until true
 end)(1, 2)



 
return  v 

