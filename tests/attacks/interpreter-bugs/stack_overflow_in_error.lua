-- expect: plugin_error
-- CVE-2022-33099: the message is made while the stack is already over its end.
local function f(...) return f(..., ("x"):rep(10), ...) + 1 end
return f(1, 2, 3)
