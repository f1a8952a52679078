-- expect: ok, cpu_limit
-- A gmatch iterator that is used again after "pattern too complex" lost its depth limit up to 5.4.8.
local iterator = ("a"):rep(300000):gmatch(("a?"):rep(300000) .. "b")
for _ = 1, 20 do pcall(iterator) end
return "sound"
