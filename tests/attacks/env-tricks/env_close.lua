-- expect: ok
local closed = false
do
  local mark = function() closed = true end
  local _ENV <close> = setmetatable({}, {__close = mark})
end
return closed
