-- expect: ok
local keep
pcall(function()
  local x = 1
  keep = function() x = x + 1 return x end
  local _ <close> = setmetatable({}, {__close = function() x = 10 end})
  error("x")
end)
return keep() == 11 and "sound"
