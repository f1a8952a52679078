-- fuzz: policy=6 seed=978 context=7 profile=0 coverage=0 cancel=0 wall_ms=100 cpu_ms=5 memory_bytes=67108864 instructions=20000 output_bytes=100 log_bytes=49 json_depth=64
-- expect: ok [policy: trusted]
-- The reader of long brackets in 5.1 read beyond its buffer.
for n = 0, 300 do
   _ = (load and load('return ' .. ('{'):rep(1000) .. ('}'):rep(99)) or print)
v840 = select(2,  n 
)
 

   log.info(pcall( (load and load([=[
;
 return v4]=]) or print) 
, n, n))
pcall(coroutine.close, coroutine.create(function(v840, ...) 
pcall(setmetatable, n, n)
g2 = _G
do local n841 = 0 repeat n841 = n841 + 1 
if  nil 
 == select(2, pcall(function(...) for _ = 1, 3 do return ((('s' .. -0.0 .. 's')):rep(7)):len() end
 end)) then 
local v842 <const> = '10'
 elseif  2 
 then 
 else 
 end
 until n841 > 12 or  7 
 end
 local n841 = 0 

 pcall(function(...) coroutine.yield(n, n) end)
 
  local v9 = 2 
return ... end))
 

end
 do return json.null end 


