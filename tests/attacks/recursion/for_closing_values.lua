-- expect: plugin_error, memory_limit
local function f()
  for _ in function() end, nil, nil, setmetatable({}, {__close = f}) do end
end
f()
