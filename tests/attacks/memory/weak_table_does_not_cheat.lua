-- expect: memory_limit
local t = setmetatable({}, {__mode = "k"})
while true do t[#t + 1] = {} end
