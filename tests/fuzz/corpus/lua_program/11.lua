-- fuzz: policy=2 seed=173 context=4 profile=0 coverage=0 cancel=0 wall_ms=1000 cpu_ms=5 memory_bytes=1048576 instructions=0 output_bytes=1 log_bytes=65536 json_depth=64
pcall(function(...) for v0, v1 in function(v2, v3, ...) 
local v4 = {a = 1, b = 2, c = 3}
pcall(function(...) pcall(string.format, '%' .. 99 .. '.' .. 40 .. 'f', #tostring(select(2, pcall(utf8.char, -1, math.random(3))))) end)
 return ('0x1p4'):upper() end, v0, v0, setmetatable({}, {__close = function(...) 
 end}) do 
pcall(table.insert, {}, v0)
 break end end)
local v5 = setmetatable({a = 1, b = 2, c = 3}, {__band = string.format, __bor = function(v6, v7, ...) 
 return v7, v6 end, __bxor = function(v8, v9, ...) 
for v10 = 0, 3 do 
 end
pcall(function(...) local c11 <close> = setmetatable({}, {__close = function(...) 
pcall(setmetatable, v9, v8)
 end}) 
 end)
 return 2, v8, ... end, __shl = function(...) return math.random(3) end, __shr = function(v12, v13, ...) 
 return - #{table.unpack({3, 1, 2}, 1, 3)} end, __bnot = print})
pcall(print, v5)
if (type(v5) == 'table') then 
v5 = v5
g0 = pcall(coroutine.resume, coroutine.create(function(v14, ...) 
 coroutine.yield(rawget(v5, tostring(select(2, pcall(string.format, '%+.3e %g', v14, v5))))) 
 return v5 end), v5)
 elseif not tostring((context)) then 
 else 
for v15 = 7, 3 do 
for _ = 1, 7 do if v15 < v15 then goto c16 end 
 ::c16:: end
pcall(function(...) local c17 <close> = setmetatable({}, {__close = function(...) 
local v18 = (tostring((v15)) .. v15 .. ('abc abc' .. '\xff\xfe'))
 end}) 
local v19 = tostring(select(2, pcall(json.encode, '10')))
g3, g0 = select(2, pcall(function(...) return (v19):reverse() end)), v5
g2, g1 = v19, v15
 end)
for v20 = 1, 3 do 
do local _ = select(2, pcall(select, v20, nil)) end
 end
 end
g3 = tostring(select(2, pcall(json.encode, v5)))
pcall(rawset, v5, 'a', (tostring(select(2, pcall(string.gsub, tostring(select(2, pcall(os.date, '%Ex%Oy%', (2 >> (~math.random(3) + 3))))), '.', '%0%1')))):reverse())
 end
do local _ = select(2, pcall(os.time)) end
if ((type(v5) == 'table') and (type(v5) == 'table')) then 
g2 = (0 >> (math.tointeger((select(-1, 0, select(2, pcall(math.ult, 2, (((rawlen(v5) & (math.tointeger(1.5) or 1)) << ((-1 ~ (math.random(0) * math.random(0))) * (2 - 1000001))) // (select('#', v5, v5, v5) >> (math.tointeger((select(-1, 0, select(2, pcall(math.random, #tostring(select(2, pcall(string.gsub, string.char(7, 255, 0x41), '(()(.)%2?)', '%0%1'))), 201))))) or 1)))))))) or 1))
if coroutine.isyieldable() then g3 = coroutine.yield((0/0 + select(-1, 2.5, pcall(function() return 'a\0b' * 1.5 end)))) end
local v21, v22 = v5
pcall(function() local a <close> = setmetatable({}, {__close = function(...) 
g2 = rawlen(v5)
 end}) local b <close> = setmetatable({}, {__close = function(...) 
 end}) error(v5) end)
 end
do 
 end
pcall(function(...) 
do 
 end
pcall(function(...) local t = v5 t[0/0] = v5 end)
for v23, v24 in ipairs(v5) do 
 end
 end, (tostring((v5))):reverse())
local v25, v26 = v5
do local n27 = 0 repeat n27 = n27 + 1 
pcall(function(...) 
g1 = function(v28, v29, ...) 
do local n30 = 0 repeat n30 = n30 + 1 
local t31 = v5 setmetatable(t31, {__concat = (load and load('return ' .. ('{'):rep(99) .. ('}'):rep(201)) or print), __len = (load and load('return ...') or print)}) v26 = pcall(function() return -t31 end)
 until n30 > 3 or (type(v5) == 'table') end
 return v5, v25, v25 end
 end, select(-1, pcall(function(v32, v33, ...) 
do 
pcall(table.sort, v5, function(a, b) return a > b end)
 end
if math.ult((math.random(3) % ((#(string.char(7, 255, 0x41)):rep(99, '%s')) | 1)), 201) then 
for _ = 1, 0 do if '' <= 'a' then goto c34 end 
for v35, v36 in next, v5 do 
 end
for _ = 1, 1 do if v33 == v26 then goto c37 end 
v25 = select(2, pcall(getmetatable, v5))
pcall(rawset, {}, nil, v26)
 ::c37:: end
 ::c34:: end
for v38, v39 in next, v5 do 
for v40, v41 in ipairs(v5) do 
 end
pcall(function(...) 
 end, v26)
 end
 end
 return (v32 or v33) end, v5, v25, nil)))
g3 = (((1 << 31) - 1 ~ (1 << 31) - 1) + 2)
 until n27 > 0 or true end

