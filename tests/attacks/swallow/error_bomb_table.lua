-- expect: plugin_error, memory_limit, cpu_limit
local t = {"leaf"}
for _ = 1, 40 do t = {t, t} end
error(t)
