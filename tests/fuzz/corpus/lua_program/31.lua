-- fuzz: policy=1 seed=734 context=6 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=49 json_depth=16
log.info(pcall(setmetatable, ('__index' .. tostring((select(2, pcall(require, 'second')))))))
local v0 = 5e-324
return {(tostring(select(2, pcall(string.pack, 's1', setmetatable({}, {__mode = 'kv'}), load, v0))) .. tostring(select(2, pcall(json.encode, v0)))), (0x7fff // 7), v0, 'a\0b' <= '10'}
