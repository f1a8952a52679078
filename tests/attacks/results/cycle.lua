-- expect: invalid_result
local t = {}
t.self = t
return t
