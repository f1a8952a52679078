-- expect: instruction_limit [limits: instructions=2000000, cpu_ms=10000]
local function short() local x = 0 for i = 1, 60 do x = x + i end return x end
while true do coroutine.wrap(short)() end
