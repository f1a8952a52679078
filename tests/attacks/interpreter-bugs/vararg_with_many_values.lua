-- expect: ok, plugin_error
local function count(...) return select("#", ...) end
local function f(n, ...) if n == 0 then return count(...) end return f(n - 1, n, ...) end
return f(200) == 200 and "sound"
