-- expect: ok [context: {"a":[1,{"b":null}]}]
local ok = pcall(function() context.a[1] = setmetatable({}, {__index = function() return 1 end}) end)
return ok and "changed, which is harmless" or "fixed"
