-- expect: memory_limit
-- Each failed attempt leaves what it had: the next one must not begin anew.
local loot = {}
while true do pcall(function() loot[#loot + 1] = ("x"):rep(1000000) .. #loot end) end
