-- fuzz: policy=1 seed=614 context=5 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=10 memory_bytes=1048576 instructions=5000 output_bytes=65536 log_bytes=4096 json_depth=32
-- expect: cpu_limit [line: 2]
 
 pcall(deeper)

 
  g1 = 'abc abc'
 g2 = 's'
do local n973 = 0 while n973 < 12 do n973 = n973 + 1 
pcall(function(...) 
g3 = #'\xff\xfe'
g2 = tostring(select(2, pcall(table.concat, {1, 2.5, -1, 0/0, 1/0}, (type(((0x7fff >> select('#', nil))))):reverse())))
local v974 = tostring(select(2, pcall(string.format, ((('%5.2s|%-10s' .. 's') .. '%5.2s|%-10s') .. '%- +#0d'), rawget({}, 0/0), rawget(setmetatable(setmetatable({x = _ENV, ['__index'] = nil, [1] = nil}, {__mode = 'kv'}), {__mode = 'kv'}), nil), select(1, select(2, pcall(function(...) return (tostring(select(2, pcall(os.date, '%c', (0x7fff // ((math.random(3)) | 1)))))):len() end)), (type(context) == 'table' and context.a), select(2, pcall(json.array, {}))))))
pcall(setmetatable, _G, {__mode = v974})
 end, _ENV, context)
 end end
 
g1 = 'abc abc'
deeper, deeper = deeper, deeper
 

 
 

