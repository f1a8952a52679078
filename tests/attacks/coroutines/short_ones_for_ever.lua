-- expect: cpu_limit
-- Each ends before an instruction counter of its own would strike.
local function short() local x = 0 for i = 1, 60 do x = x + i end return x end
while true do coroutine.wrap(short)() end
