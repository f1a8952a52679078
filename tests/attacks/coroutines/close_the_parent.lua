-- expect: ok
local parent = coroutine.create(function()
  local outer = coroutine.running()
  return coroutine.wrap(function() return pcall(coroutine.close, outer) end)()
end)
local _, ok = coroutine.resume(parent)
return ok == false and "refused" or "ESCAPED"
