-- expect: ok
local co = coroutine.wrap(function()
  local _ <close> = setmetatable({}, {__close = function() coroutine.yield("closing") end})
  return "end"
end)
return co() == "closing" and co() == "end" and "sound"
