-- expect: plugin_error, cpu_limit, memory_limit, output_limit
local t = {"leaf"}
for _ = 1, 40 do t = {t, t} end
return "ESCAPED" .. json.encode(t)
