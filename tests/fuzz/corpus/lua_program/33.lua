-- fuzz: policy=1 seed=822 context=6 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=50 memory_bytes=4194304 instructions=20000 output_bytes=4096 log_bytes=65536 json_depth=32
-- expect: .cpu_limit [line: 2]
  do  do 
k = pcall(coroutine.resume, coroutine.create(function(...) local x <close> = nil coroutine.yield(select(2, pcall(math.exp, 0/0))) error(json.null) end), k)
local v856 = 3
 end
 
 repeat  if ... and ... then return v456 end
 do local n793 = 0 for _ = 1, 3 do 
 end
 end 

 
xpcall(error, function(...) n453 = n453 +  select(-1, pcall(coroutine.wrap(function(...) for k in pairs({select(2, pcall(function(...) return (tostring(select(2, pcall(string.gsub, 'a\0b', '[%a-z]-[]]', '%%')))):format() end))}) do coroutine.yield(k) end end), select(2, pcall(function(...) return ('10'):rep(#tostring(debug.traceback(((tostring(select(2, pcall(utf8.char, 1, rawlen({}))))):sub((math.random(0) % ( log.error 
)), - -1)):reverse(), 1))) end)))) end)
 
 
  local v16 = function(...) 
 end 
pcall(function(...) 
 end, true, v462)
 

 until n453 > 12 or true end
 

 do return _ end 
 

