-- expect: ok
-- Confuses the message handler of an outer xpcall in old releases.
local co = coroutine.wrap(function()
  return xpcall(function() coroutine.yield() error("x") end, function(e) return "handled " .. tostring(e) end)
end)
co()
local ok, text = co()
return ok == false and text:find("handled", 1, true) and "sound"
