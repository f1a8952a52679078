-- fuzz: policy=4 seed=92 context=1 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=4194304 instructions=1000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: ok, output_limit
 
 
 log.info(pcall(log.error, x))
pcall(function(...) local function r165() return coroutine.wrap(r165)() end pcall(r165) end)
 

