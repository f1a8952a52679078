-- expect: ok [output: []]
local t = json.array({1, 2})
t[1], t[2] = nil, nil
return t
