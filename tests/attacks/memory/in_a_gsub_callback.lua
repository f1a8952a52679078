-- expect: memory_limit
local keep = {}
("abc"):gsub(".", function() while true do keep[#keep + 1] = {} end end)
return "ESCAPED"
