-- fuzz: policy=6 seed=978 context=5 profile=0 coverage=0 cancel=0 wall_ms=100 cpu_ms=5 memory_bytes=67108864 instructions=20000 output_bytes=65536 log_bytes=49 json_depth=64
-- expect: ok [policy: trusted]
-- The reader of long brackets in 5.1 read beyond its buffer.
for n = 0, 300 do
  load("return [" ..  'a' 
 .. "[x")
   log.info(pcall(rawlen, n, n))
pcall(coroutine.close, coroutine.create(function(v840, ...) 
pcall(setmetatable, n, n)
g2 = _G
do local n841 = 0 repeat n841 = n841 + 1
n841 = n841 + 1 
if  select(2, pcall(print)) 
 then 
local v842 <const> = '10'
 elseif  n5 
 then 
 else 
 end
 until  2 
 end
  error(nil) 
coroutine.yield(string.unpack, tostring(select(2, pcall(json.encode, (type(context) == 'table' and context.a))))) 


 coroutine.yield(n, n) 
 return ... end))
 

end
 do return json.null end 


