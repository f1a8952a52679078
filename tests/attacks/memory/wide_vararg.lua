-- expect: plugin_error, memory_limit
local t = {}
for i = 1, 900000 do t[i] = i end
local function pass(...) return select("#", ...) + pass(...) end
return pass(table.unpack(t))
