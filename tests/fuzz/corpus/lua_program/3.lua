-- fuzz: policy=7 seed=444 context=0 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=3000000 instructions=1000 output_bytes=65536 log_bytes=65536 json_depth=64
pcall(function(...) local t = setmetatable({a = rawget({}, 'a'), select(1, (rawget(table.pack(select(2, pcall(function(...) return ('s'):match('(.-)%s') end))), select(-1, 2.5, pcall(function() return '\u{7FFFFFFF}' * 1.5 end))) and (load and load('goto a do ::a:: end') or print)), 0, function(...) return (table.sorted_pairs)((type(context) == 'table' and context.a), (5e-324 // 1/0)) end)}, {__metatable = 'locked'}) t[rawget({a = select(-1, pcall(function(v0, v1, ...) 
 return v1, v1, v1 end, function(...) return nil end, select(1, ('s'):rep(1)), rawget(setmetatable({x = _ENV, ['__index'] = nil, [1] = nil}, {__index = {}, __newindex = {}}), (2 >> 0x7fff)))), select(2, pcall(function(...) return (type((select(2, pcall(rawset, _G, 0x7fff, nil))))):unpack('%f', 0x7fff) end))}, (tonumber('abc abc') or 0.5))] = (function(...) return ... end)(({5e-324, type(({}))})['\xff\xfe']) end)
do local _ = select(2, pcall(math.randomseed)) end
pcall(setmetatable, setmetatable({}, {__close = function(...) return select(2, pcall(table.sorted_pairs, 2)) end}), {__mode = 'v'})
local v2 <close> = setmetatable({}, {__close = function(...) 
do local _ = xpcall(function(v3, v4, ...) 
 return rawget({}, 1), v4 end, function(v5, v6, ...) 
log.info(pcall(ipairs, v6))
 return rawget({a = 1, b = 2, c = 3}, '\u{7FFFFFFF}'), select(-1, pcall(function(...) return ... end, v5, v6)), v6 end) end
local t7 = {x = (select(2, pcall(math.random, (math.tointeger((select(-1, 0, select(2, pcall(select, 0x7fff, (type(context) == 'table' and context.a), _ENV))))) or 1), (math.random(0) & math.random(3)))) and coroutine.create(function(...) coroutine.yield(...) end)), ['__index'] = select(2, pcall(require, 'second')), [1] = {a = json.null, nil}} setmetatable(t7, {__index = {a = nil, rawget(_G, 1)}, __newindex = {}}) g3 = pcall(function() return -t7 end)
pcall(function(...) 
pcall(function(...) for v8, v9 in table.sorted_pairs({a = 1, b = 2, c = 3}) do 
do local _ = select(2, pcall(os.time)) end
do 
if false then 
 elseif 'a' <= '%s' then 
 else 
pcall(table.insert, {string.byte(string.char(7, 255, 0x41), 1, 7)}, math.huge)
g3 = tostring(select(2, pcall(table.concat, {'a', 'b', 'a', 'c'}, string.char(7, 255, 0x41))))
 end
v9 = '\u{20AC}\u{10FFFF}'
 goto l10 
do local n11 = 0 while n11 < -1 do n11 = n11 + 1 
 end end
if not v8 then 
pcall(function(...) 
pcall(setmetatable, v8, v8)
 end, v8, v9, v9)
pcall(rawset, _G, nil, v9)
 end
 ::l10:: end
 end end)
g0 = (math.mininteger // #type((false)))
 end, ('\xff\xfe'):sub((math.random(0) | math.random(3)), 33) == (setmetatable({1, 2, 3}, {__index = {}, __newindex = {}}))[math.random(3)], rawget(setmetatable({(type(context) == 'table' and context.a), select(-1, pcall(function(v12, v13, ...) 
;
 return v13 end, 2)), select(2, pcall(require, 'second'))}, {__metatable = 'locked'}), tostring(select(2, pcall(string.pack, (' <>=!jJTB' .. 'z'), tostring(select(2, pcall(utf8.char, 3, 2))), select(2, pcall(function(...) return (string.char(7, 255, 0x41)):match('()') end)))))), setmetatable({a = context, context}, {}))
 end})
return 1
-- module: first
g0 = select(2, pcall(print, select(2, pcall(rawset, setmetatable({x = select(2, pcall(rawequal, type(((1.5 // 1/0))), coroutine.create(function(...) pcall(function(...) coroutine.yield(0x7fff) 
xpcall(function() local function r() return r() + 1 end r() end, function(m) local function r() return r() + 1 end r() end)
 end, ...) 
do 
;
;
 end
log.info(pcall(pcall, context, context))
 end))), ['__index'] = _ENV, [1] = select(1, context, ('\z  
  x\065\10' and select(-1, pcall(function(v0, v1, ...) 
 return v0, v1 end, context, tostring(select(2, pcall(string.pack, 'Xz', nil, context))), 12))))}, {__mode = 'kv'}), ((math.tointeger((select(-1, 0, select(2, pcall(math.atan, (1.5 % ('0x10' + math.random(3))), (tonumber('\u{7FFFFFFF}') or 0.5)))))) or 1) - math.maxinteger), '')), rawget(setmetatable({a = select(-1, pcall(function(v2, v3, ...) 
local v4 = print
do 
pcall(function(...) 
 end, v4, v3)
local v5, v6 = ..., v2
 end
 return v2, v2 end, nil, select(2, pcall(string.reverse, context)), select(2, pcall(function(...) return ('s'):pack(select(2, pcall(math.abs, ((-0.0 ^ 1.5) / (5e-324 / 1.5)))), (type(context) == 'table' and context.a), select(1, false, #{'a', 'b', 'a', 'c'}, ({})[2]), ((1e308 % 1e308) + 1/0)) end)))), select(1, 0/0, context, {})}, {__mode = 'v'}), math.mininteger), ...))
g1 = pcall(coroutine.resume, coroutine.running(), (tostring(select(2, pcall(string.format, '%- +#0d', '(a*(.)%w(%s*))', (type(context) == 'table' and context.a), rawget({1, 2.5, -1, 0/0, 1/0}, 'a'))))):sub(math.maxinteger - 1, (math.random(0) ~ math.random(3))), ..., select(2, pcall(function(...) return (''):len() end)))
g1 = select(2, pcall(os.clock))
g2 = select(2, pcall(math.ceil, math.random(3)))
return setmetatable({}, {__mode = 'v'})
