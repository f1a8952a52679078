-- expect: cpu_limit, memory_limit, plugin_error
local s = ("x"):rep(1000)
for _ = 1, 100 do s = s:gsub("(x)", "%1%1%0") end
return "ESCAPED"
