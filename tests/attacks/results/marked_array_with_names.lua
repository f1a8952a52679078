-- expect: invalid_result
local t = json.array({1, 2})
t.name = "x"
return t
