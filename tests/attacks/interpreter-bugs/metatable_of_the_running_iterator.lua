-- expect: ok
local t = setmetatable({1, 2, 3}, {__index = function(_, i) return i < 10 and i or nil end})
local n = 0
for i in ipairs(t) do n = i; if i == 2 then setmetatable(t, nil) end end
return n == 3 and "sound"
