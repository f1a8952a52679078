-- fuzz: policy=3 seed=115 context=7 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=50 memory_bytes=1048576 instructions=5000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok
 local function deeper(...) do 
 end return  function() end 
, deeper( deeper 
) end pcall(deeper)
 

