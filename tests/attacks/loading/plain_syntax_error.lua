-- expect: syntax_error
local x = = 1
