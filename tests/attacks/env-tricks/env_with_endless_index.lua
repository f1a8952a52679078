-- expect: cpu_limit [line: 2]
local _ENV = setmetatable({}, {__index = function() while true do end end})
return anything
