-- expect: instruction_limit, cpu_limit [limits: instructions=100000, cpu_ms=2000]
-- Hooks are off in the handlers of a coroutine that a hook's error killed.
local co = coroutine.create(function()
  local _ <close> = setmetatable({}, {__close = function() while true do end end})
  while true do end
end)
coroutine.resume(co)
coroutine.close(co)
return "ESCAPED"
