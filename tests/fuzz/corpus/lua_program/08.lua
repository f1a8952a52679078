-- fuzz: policy=4 seed=416 context=4 profile=0 coverage=0 cancel=0 wall_ms=20 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: invalid_result

  pcall(function(...) local function r514() return select(2, load('return ...')(r514())) end pcall(r514) end) 


