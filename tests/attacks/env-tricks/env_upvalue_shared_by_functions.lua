-- expect: ok
local function set(v) _ENV = v end
local saved = _ENV
set({x = "other"})
local x = x
set(saved)
return x
