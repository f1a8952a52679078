-- expect: ok, plugin_error
local list = {}
for i = 1, 200 do list[i] = i % 13 end
pcall(table.sort, list, function(a, b)
  list[#list + 1] = 1
  list[1] = nil
  return (a or 0) < (b or 0)
end)
return "survived"
