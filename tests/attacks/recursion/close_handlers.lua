-- expect: plugin_error
local function f()
  local _ <close> = setmetatable({}, {__close = f})
end
f()
