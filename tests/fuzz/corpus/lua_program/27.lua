-- fuzz: policy=5 seed=420 context=7 profile=0 coverage=0 cancel=1 wall_ms=2000 cpu_ms=20 memory_bytes=1048576 instructions=20000 output_bytes=65536 log_bytes=65536 json_depth=32
if false then 
pcall(function(...) for v0 in ((v0 .. v0)):gmatch(('(' .. '[%a-z]-[]]' .. ')')) do 
local v1 = 1
v0 = tostring(select(2, pcall(json.encode, v1)))
do 
pcall(table.sort, table.move({string.char(7, 255, 0x41), v0}, 1, 3, 3), function() return math.random(2) == 1 end)
pcall(function(...) 
 end, v0)
do local n2 = 0 while n2 < 3 do n2 = n2 + 1 
pcall(setmetatable, v1, v0)
local v3 = select(2, pcall(require, 'second'))
 end end
 goto l4 
for v5, v6 in ipairs({1, nil, 3, nil, 5}) do 
pcall(function(...) for v7 in coroutine.wrap(function(...) for k in pairs({x = v1, ['__index'] = v6, [1] = v0}) do coroutine.yield(k) end end) do 
 end end)
 end
pcall(function(...) 
g0 = v1
 end, 33)
pcall(table.sort, {v1, v0}, function() return math.random(2) == 1 end)
 ::l4:: end
 end end)
pcall(function(...) for v0 in ((v0 .. v0)):gmatch(('(' .. '[%a-z]-[]]' .. ')')) do 
local v1 = 1
v0 = tostring(select(2, pcall(json.encode, v1)))
do 
pcall(table.sort, table.move({string.char(7, 255, 0x41), v0}, 1, 3, 3), function() return math.random(2) == 1 end)
pcall(function(...) 
 end, v0)
do local n2 = 0 while n2 < 3 do n2 = n2 + 1 
pcall(setmetatable, v1, v0)
local v3 = select(2, pcall(require, 'second'))
 end end
 goto l4 
for v5, v6 in ipairs({1, nil, 3, nil, 5}) do 
pcall(function(...) for v7 in coroutine.wrap(function(...) for k in pairs({x = v1, ['__index'] = v6, [1] = v0}) do coroutine.yield(k) end end) do 
 end end)
 end
pcall(function(...) 
g0 = v1
 end, 33)
pcall(table.sort, {v1, v0}, function() return math.random(2) == 1 end)
 ::l4:: end
 end end)
 elseif math.fmod(1, 1.5) ~= ((- 0/0) + 1.5) then 
pcall(setmetatable, {a = 1, b = 2, c = 3}, {__metatable = 'locked'})
pcall(function() local a <close> = false local b <close> = setmetatable({}, {__close = function() error(setmetatable({}, {__tostring = function(v8, v9, ...) 
pcall(setmetatable, rawget({1, 2, 3}, pcall), v8)
xpcall(function(...) return v8 end, print,  v12 
, v8, v9)
 return v9, v9, v8 end})) end}) error(string.format) end)
do local n10 = 0 repeat n10 = n10 + 1 
pcall(function(...) 
 end, math.ult(#('\z  
  x\065\10'):rep(40, ''), (2 & (0x7fff * ((2 >> 2) % ((select('#', nil, nil, nil)) | 1))))))
xpcall(function(...) error('not enough memory', 0) end, function(...) return {} end, setmetatable({x = {a = 1, b = 2, c = 3}, ['__index'] = (tonumber('\u{7FFFFFFF}', 16) or 5), [1] = coroutine.create(function(v11, ...) 
;
;
 coroutine.yield(..., v11) 
;
 return v11 end)}, {__metatable = 'locked'}), select(-1, pcall(math.rad, table.move({}, math.random(0), (tonumber([==[
]]]==], 16) or 5), 2, setmetatable({}, {__mode = 'v'})), function(...) return rawget(setmetatable({}, {__mode = 'v'}), 1) end, 's')))
 until n10 > 1 or ((rawlen(json.array({7, nil, math.huge})) >> math.random(3)) << 3) < -1 end
 else 
;
 end
if '\u{20AC}\u{10FFFF}' <= [==[
]]]==] then 
local v12 = tostring(select(2, pcall(json.encode, (coroutine.create(function(v13, ...) 
 coroutine.yield(_ENV, v13, 0/0) 
 return v13 end) and select(-1, pcall((load and load(string.format('return %q', string.char(7, 255, 0x41))) or print), #(string.char(7, 255, 0x41) .. 1.5 .. 's'), (2 or nil)))))))
for v14, v15 in ipairs({3, 1, 2}) do 
pcall(function(...) 
for v16, v17 in next, {1, 2.5, -1, 0/0, 1/0} do 
log.info(pcall(rawlen, v12, v12))
v15 = pcall(coroutine.resume, coroutine.create(function(v18, ...) 
log.info(pcall(pcall, (json.null or v17)))
do local n19 = 0 while n19 < 7 do n19 = n19 + 1 
 end end
 coroutine.yield(select(-1, pcall(function(...) return v14 end, print, json.null)), v18) 
if coroutine.isyieldable() then v18 = coroutine.yield(select(1, v18, json.null), coroutine.running(), v14) end
v16, v18 = v12, v18
 return v15 end), v12, v12)
 end
do local _ = select(2, pcall(select, math.random(3), v12, v15)) end
pcall(setmetatable, v15, v15)
pcall(rawset, {}, #v12, (type(context) == 'table' and context.a))
 end, select(2, pcall(math.floor, (v14 ^ v14))))
if not v15 then 
pcall(function(...) for v20, v21 in table.sorted_pairs({{table.unpack({}, 3, 0)}, v15, (pcall(math.modf, v12))}) do 
pcall(function(...) 
 end, v14)
 end end)
 elseif not ... then 
pcall(function(...) local t = string t['a'] = v14 end)
 else 
 end
 end
 end
return 1
