-- expect: ok
local function f(_ENV) return x end
return f({x = "mine"})
