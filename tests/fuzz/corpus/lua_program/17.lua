-- fuzz: policy=5 seed=260 context=4 profile=0 coverage=0 cancel=0 wall_ms=20 cpu_ms=50 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=48 json_depth=64
-- expect: memory_limit [line: 3]
local t = {1, 2, 3, 4}
while true do table.move( t 
, 1, #t, #t + 1) end
