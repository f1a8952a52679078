-- expect: syntax_error
local x <const> = 1
x = 2
return "ESCAPED"
