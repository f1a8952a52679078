-- expect: ok, plugin_error
-- Closing one closes the next one: C stack overflow up to 5.4.4.
local previous
for _ = 1, 20000 do
  local other = previous
  local co = coroutine.create(function()
    local _ <close> = setmetatable({}, {__close = function() if other then coroutine.close(other) end end})
    coroutine.yield()
  end)
  coroutine.resume(co)
  previous = co
end
pcall(coroutine.close, previous)
return "sound"
