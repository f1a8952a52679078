-- expect: ok [limits: cpu_ms=5000, memory_bytes=67108864]
-- 36 MB live and 4 MB pieces that come and go: must not fail because the collector is lazy.
local live = {}
for i = 1, 36 do live[i] = ("x"):rep(1000000) .. i end
for i = 1, 40 do local _ = ("y"):rep(4000000) .. i end
return #live
