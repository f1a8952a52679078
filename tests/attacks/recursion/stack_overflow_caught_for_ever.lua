-- expect: cpu_limit [limits: memory_bytes=134217728]
local function f() return 1 + f() end
while true do pcall(f) end
