-- expect: ok [limits: cpu_ms=5000, memory_bytes=67108864]
-- 36 MB live and 4 MB pieces that come and go: must not fail because the collector is lazy.
local live = ("x"):rep(36000000)
for i = 1, 200 do local _ = ("y"):rep(4000000) .. i end
return #live
