-- fuzz: policy=7 seed=637 context=7 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=3000000 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
for _ =  10 
, 10 do print( select(2,  _ 
) 
) end
for _ = 1, 10 do print(("x"):rep(65535)) end
return "mine"
