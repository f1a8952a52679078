-- fuzz: policy=2 seed=554 context=3 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=4096 log_bytes=65536 json_depth=16
if coroutine.isyieldable() then g1 = coroutine.yield('__index', select(2, pcall(string.packsize, '!16Xi16'))) end
pcall(function(...) local c0 <close> = setmetatable({}, {__close = string.match}) 
if false then 
pcall(function(...) 
 end, context)
do local _ = select(2, pcall(math.atan, (0/0 // 1.5))) end
 elseif false then 
g0 = select(2, pcall(utf8.codes, string.char(7, 255, 0x41), math.random(0) < -0.0))
 else 
pcall(function(...) 
 end, 1/0, _G)
pcall(function(...) 
do local n1 = 0 while n1 < 0 do n1 = n1 + 1 
 end end
do 
pcall(function(...) local t = {table.unpack(json.array({print, string.char(7, 255, 0x41), _G}), 7, 0)} t[(select('#', {}, 2) % ((- 7) | 1))] = (function(...) return ... end)(select(2, pcall(math.acos, 1.5)), select(1, select(2, pcall(load, 'return ' .. ('{'):rep(40) .. ('}'):rep(40), '0x1p4')), ...), function(v2, v3, ...) 
 return v2, true end) end)
pcall(function(...) for v4, v5 in pairs({1, 2, 3}) do 
pcall(function(...) 
pcall(rawset, {1, 2.5, -1, 0/0, 1/0}, (pcall(pcall, v5, v5, v5)), v5)
 end, nil, math.maxinteger)
if 2 < ((collectgarbage('count') + collectgarbage('count')) + 1.5) then 
local function v6(a, b, ...) 
 return (coroutine.running()), v6 end
pcall(setmetatable, {a = 1, b = 2, c = 3}, {__gc = v4})
 end
 end end)
 end
pcall(function(...) for v7 = 1000, (v7 ^ -0.0), 0/0 do 
 break end end)
 end, tostring((coroutine.create(function(v8, ...) 
 coroutine.yield(false, select(2, pcall(debug.traceback, nil, 7)), (v8 or v8)) 
pcall(function(...) local t = {} t[0/0] = json.null end)
 return v8 end))))
 end
local v9, v10 = (2 - 2)
pcall(setmetatable, v9, v10)
pcall(setmetatable, {table.unpack(table.pack(v9, v10), 1, 7)}, {__index = {}, __newindex = {}})
 end)
pcall(function(...) local c11 <close> = setmetatable({}, {__close = function() coroutine.yield(select(2, pcall(print))) end}) 
do local _ = select(2, pcall(math.tointeger, select(-1, 2.5, pcall(function() return '10' * -0.0 end)))) end
log.info(pcall(function(...) error('no') end, (function(v12, v13, ...) 
pcall(function(...) for v14, v15 in pairs({}) do 
local v16 = function(...) return v13 end
pcall(rawset, {a = v16, v15}, v12, v14)
 end end)
 return v13 end)(select(-1, pcall(math.abs, ((- 0x1p-1074) + (1.5 + (2 / 2))), pcall)), tostring(select(2, pcall(string.gsub, tostring(select(2, pcall(table.concat, table.pack(select(2, pcall(table.sorted_pairs, (math.random(0) << 0x7fff))), string.find(tostring(select(2, pcall(string.format, '%d', _ENV))), ')', (math.random(3) << 0x7fff), rawequal(nil, nil)), rawget(json, 1)), '0x1p4'))), '.', '%'))), {'a', 'b', 'a', 'c'}), 3, (string.len)(nil)))
do 
g3 = function(v17, v18, ...) 
 return v17 end
local t19 = {x = 2, ['__index'] = math.maxinteger, [1] = select(-1, pcall(function(...) return ... end, _G))} setmetatable(t19, {__index = function(...) return select(-1, pcall(function(...) return coroutine.running() end, select(2, pcall(pcall, math.abs)), (0x7fff + math.random(0)), (select(1, json.null, context, context) and print))) end, __newindex = {}}) g0 = pcall(function() return #t19 end)
 end
 end)
return 1
