-- expect: cpu_limit [line: 2]
local mt = {__lt = function() while true do end end}
local list = {}
for i = 1, 10 do list[i] = setmetatable({}, mt) end
table.sort(list)
return "ESCAPED"
