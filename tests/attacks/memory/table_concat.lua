-- expect: memory_limit [line: 4]
local t, piece = {}, ("x"):rep(1000000)
for i = 1, 1000 do t[i] = piece end
return #table.concat(t)
