-- fuzz: policy=6 seed=978 context=7 profile=0 coverage=0 cancel=0 wall_ms=100 cpu_ms=5 memory_bytes=67108864 instructions=20000 output_bytes=65536 log_bytes=49 json_depth=64
-- expect: ok [policy: trusted]
-- The reader of long brackets in 5.1 read beyond its buffer.
for n = 0, 300 do
  load("return [" ..  'a' 
 .. "[x")
  load("return [" .. ("="):rep(n) ..  "=" 
)
end
 do return json.null end 


