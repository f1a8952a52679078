-- expect: output_limit, memory_limit, invalid_result
local t, piece = {}, ("x"):rep(1000000)
for i = 1, 100000 do t[i] = piece end
return t
