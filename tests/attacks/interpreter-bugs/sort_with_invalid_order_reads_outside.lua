-- expect: ok, plugin_error
-- CVE-2014-5461 and later: a comparator that never says no.
for n = 1, 200 do
  local list = {}
  for i = 1, n do list[i] = i end
  pcall(table.sort, list, function() return true end)
  pcall(table.sort, list, function(a, b) return a == nil or b == nil or a >= b end)
end
return "sound"
