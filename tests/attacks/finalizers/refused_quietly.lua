-- expect: ok
local ran = false
local ok = pcall(setmetatable, {}, {__gc = function() ran = true end})
for _ = 1, 1000 do local _ = ("x"):rep(10000) .. _ end
return not ok and not ran and "refused" or "ESCAPED"
