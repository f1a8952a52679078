-- expect: ok [output: 1]
local calls = 0
return function() calls = calls + 1 return calls end
