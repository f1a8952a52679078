-- expect: cpu_limit [line: 4]
pcall(function()
  local _ <close> = setmetatable({}, {__close = function() while true do end end})
  while true do end
end)
return "ESCAPED"
