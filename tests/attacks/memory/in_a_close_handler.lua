-- expect: memory_limit
pcall(function()
  local _ <close> = setmetatable({}, {__close = function() local t = {} while true do t[#t + 1] = {} end end})
end)
return "ESCAPED"
