-- fuzz: policy=4 seed=108 context=6 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=5 memory_bytes=3000000 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=4
-- expect: memory_limit, plugin_error
local t = table.pack(1, 2, 3, 4)
while true do coroutine.wrap(function(...) t = table.pack(t, table.unpack(t)) end)(1, 2)
; t = table.pack(t, t, t, table.unpack(t)) end
