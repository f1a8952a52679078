-- expect: syntax_error
local x <volatile> = 1
return "ESCAPED"
