-- expect: ok
-- The state is never closed: what is still open at the end must not run.
local co = coroutine.wrap(function()
  local _ <close> = setmetatable({}, {__close = function() while true do end end})
  coroutine.yield()
end)
co()
return "left open"
