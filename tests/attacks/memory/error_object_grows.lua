-- expect: memory_limit, cpu_limit
local function fail(n) error(setmetatable({n}, {__tostring = function() return "x" end})) end
local keep = {}
while true do keep[#keep + 1] = {pcall(fail, #keep)} end
