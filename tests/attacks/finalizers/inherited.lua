-- expect: ok
local ran = false
local mt = setmetatable({}, {__index = {__gc = function() ran = true end}})
for _ = 1, 100 do setmetatable({}, mt) end
for i = 1, 300 do local _ = ("x"):rep(100000) .. i end
return ran and "ESCAPED" or "never"
