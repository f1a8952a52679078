-- expect: ok [output: [1,2]]
return setmetatable({1, 2}, {__len = function() return 1000000 end})
