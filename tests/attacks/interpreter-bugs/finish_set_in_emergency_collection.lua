-- expect: memory_limit
-- luaV_finishset during a collection that an exhausted heap forces.
local keep = {}
local mt = {__newindex = function(t, k, v) rawset(t, k, {v, ("x"):rep(100)}) end}
while true do
  local t = setmetatable({}, mt)
  for i = 1, 100 do t["k" .. i] = {i} end
  keep[#keep + 1] = t
end
