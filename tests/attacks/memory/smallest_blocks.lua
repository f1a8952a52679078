-- expect: memory_limit
-- The smallest blocks have the most beside them that is not counted.
local chain
while true do chain = {chain, x = true} end
