-- expect: memory_limit, plugin_error
local big = ("x"):rep(15000000)
local t = {}
for i = 1, 200 do t[i] = big end
return #(t[1] .. t[2] .. t[3] .. t[4] .. t[5] .. t[6] .. t[7] .. t[8] .. t[9] .. t[10])
