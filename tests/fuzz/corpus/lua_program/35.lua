-- fuzz: policy=4 seed=508 context=5 profile=0 coverage=1 cancel=0 wall_ms=20 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=1000 log_bytes=65536 json_depth=16
-- expect: plugin_error
local _ENV =  select(-1, 2.5, pcall(function() return '10' * -0.0 end)) 

local _ENV = nil
x = 1
return  _ENV 

