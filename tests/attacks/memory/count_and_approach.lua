-- expect: memory_limit, ok
-- Creeps up to the limit with the little that collectgarbage tells, then takes more.
local keep = {}
while collectgarbage("count") < 15000 do keep[#keep + 1] = ("x"):rep(100000) .. #keep end
keep[#keep + 1] = ("x"):rep(1 << 29)
return "ESCAPED"
