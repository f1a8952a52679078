-- expect: ok
-- The order of keys follows the seed; table.sorted_pairs does not.
local keys = {}
for k in table.sorted_pairs({b = 1, a = 1, c = 1}) do keys[#keys + 1] = k end
return table.concat(keys) == "abc" and "sorted"
