-- expect: plugin_error
local function f(n)
  local _ <close> = setmetatable({}, {__close = function() error("unwinding " .. n) end})
  return n == 0 and error("bottom") or f(n - 1)
end
return f(100), 1
