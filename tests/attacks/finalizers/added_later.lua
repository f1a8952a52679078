-- expect: ok
-- Lua marks an object for finalization only when the metatable is set.
local ran = false
local mt = {}
for _ = 1, 100 do setmetatable({}, mt) end
mt.__gc = function() ran = true end
for i = 1, 300 do local _ = ("x"):rep(100000) .. i end
return ran and "ESCAPED" or "never"
