-- expect: instruction_limit [limits: instructions=50000, cpu_ms=10000]
local function leaf() return 1 end
local function branch() for _ = 1, 10 do leaf() end end
while true do branch() end
