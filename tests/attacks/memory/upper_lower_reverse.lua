-- expect: memory_limit
local keep = {}
local s = ("x"):rep(5000000)
while true do s = s:upper():lower():reverse() .. "x"; keep[#keep + 1] = s end
