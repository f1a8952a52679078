-- expect: cpu_limit [line: 2]
return #setmetatable({}, {__len = function() while true do end end})
