-- expect: plugin_error
local t = {}
for _ = 1, 10000 do t = {t} end
error(t)
