-- expect: ok, plugin_error
-- The handler of an xpcall whose coroutine yields is found by stack position (fixed in 5.4.8).
local co = coroutine.wrap(function()
  return xpcall(function(...)
    local a, b, c = ...
    coroutine.yield(a, b, c)
    local t = {}
    for i = 1, 50 do t[i] = {i} end
    error(table.unpack(t))
  end, function(e) return type(e) end, 1, 2, 3)
end)
co()
local _, kind = co()
return kind == "table" and "sound"
