-- expect: ok
-- Follows every table, and every metatable that shows, and looks for what must not be there.
local bad = {execute = true, popen = true, loadlib = true, getregistry = true, dump = true, sethook = true, getenv = true, searchpath = true}
local seen, queue = {}, {_G, "", 0, print, coroutine.running(), true}
while #queue > 0 do
  local v = table.remove(queue)
  if type(v) == "table" and not seen[v] then
    seen[v] = true
    for k, x in next, v do
      if bad[k] then return "ESCAPED " .. k end
      queue[#queue + 1] = k
      queue[#queue + 1] = x
    end
  end
  local mt = getmetatable(v)
  if type(mt) == "table" then queue[#queue + 1] = mt end
end
return "nothing found"
