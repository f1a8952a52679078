-- expect: cpu_limit [line: 3]
-- Runs for ever under quotas that raise once.
local function loop() while true do end end
pcall(loop)
loop()
return "ESCAPED"
