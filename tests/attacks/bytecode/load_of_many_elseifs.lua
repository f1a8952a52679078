-- expect: cpu_limit [line: 4] [policy: trusted]
-- Compiling is C: nothing counts instructions there.
local source = "local x = 0 if x == 1 then x = 2 " .. ("elseif x == 1 then x = 2 "):rep(200000) .. "end"
while true do load(source) end
