-- fuzz: policy=2 seed=448 context=4 profile=1 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=300000 output_bytes=65536 log_bytes=65536 json_depth=64
local function deeper(...) g0, g3 = nil, _VERSION return 1, deeper(...) end pcall(deeper)



