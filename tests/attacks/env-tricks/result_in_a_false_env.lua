-- expect: ok
-- The output is the real global, so this run has none.
local outer = _ENV
local _ENV = {result = "ESCAPED"}
result = "ESCAPED"
outer.x = 1
