-- expect: memory_limit, ok [limits: memory_bytes=1048576]
local keep = {}
for i = 1, 100000 do keep[i] = {i} end
return "ESCAPED"
