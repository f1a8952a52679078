-- fuzz: policy=6 seed=252 context=0 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=2097152 instructions=20000 output_bytes=100 log_bytes=65536 json_depth=64
-- expect: plugin_error
  t[k] =  os.time() < t 
 
error(  ( (( os.time() <  os.time() 
 
):upper() .. 's') 
 or 0.5) 
 
) 

