-- expect: ok
local function get() return print end
local saved = _ENV
_ENV = {}
local seen = get()
_ENV = saved
return seen == nil and "own upvalue only"
