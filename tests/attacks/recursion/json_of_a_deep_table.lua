-- expect: plugin_error
local t = {}
for _ = 1, 100000 do t = {t} end
return json.encode(t)
