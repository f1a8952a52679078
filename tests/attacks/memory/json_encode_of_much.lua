-- expect: memory_limit, plugin_error
local t = {}
for i = 1, 30 do t[i] = ("x"):rep(1000000) .. i end
return #json.encode(t)
