-- expect: ok
local co = coroutine.wrap(function() for v in coroutine.yield do return v end end)
co()
return co("v") == "v" and "sound"
