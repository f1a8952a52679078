-- expect: syntax_error
--[[ never ends
return "ESCAPED"
