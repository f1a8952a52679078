-- expect: memory_limit
local keep = {}
table.sort({3, 1, 2}, function(a, b) while true do keep[#keep + 1] = {a, b} end end)
return "ESCAPED"
