-- expect: invalid_result, ok
local t = {1, 2, 3}
t[2] = nil
return t
