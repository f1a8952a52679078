-- fuzz: policy=4 seed=266 context=0 profile=0 coverage=0 cancel=0 wall_ms=100 cpu_ms=50 memory_bytes=1048576 instructions=20000 output_bytes=3 log_bytes=100 json_depth=64
-- expect: ok [policy: patient-strict] [limits: policy]
table.sort({3, 1, 2, 5, 4}, function(...) coroutine.wrap(function(...) load( [==[local t, c = os and os.time and  c 
 or 0, os and os.clock and os.clock() or  ...]==] 
)() end)(1,  2 
) end)


load( [==[local t, c = os and os.time and  c 
 or 0, os and os.clock and os.clock() or  ...]==] 
)()
 






