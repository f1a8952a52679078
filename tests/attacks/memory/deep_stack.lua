-- expect: plugin_error, memory_limit
local function deep(a, b, c, d, e, f, g, h) return 1 + deep(a, b, c, d, e, f, g, h) end
return deep(1, 2, 3, 4, 5, 6, 7, 8)
