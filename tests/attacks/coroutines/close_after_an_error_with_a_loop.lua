-- expect: cpu_limit [line: 3]
local co = coroutine.wrap(function()
  local _ <close> = setmetatable({}, {__close = function() while true do end end})
  error("x")
end)
pcall(co)
return "ESCAPED"
