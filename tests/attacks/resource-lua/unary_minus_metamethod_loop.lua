-- expect: cpu_limit [line: 2]
return -setmetatable({}, {__unm = function() while true do end end})
