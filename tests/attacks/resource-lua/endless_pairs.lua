-- expect: cpu_limit
local t = setmetatable({}, {__pairs = function() return function() return 1, 1 end end})
for _ in pairs(t) do end
return "ESCAPED"
