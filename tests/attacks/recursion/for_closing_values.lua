-- expect: plugin_error
local function f()
  for _ in function() end, nil, nil, setmetatable({}, {__close = f}) do end
end
f()
