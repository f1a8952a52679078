-- expect: syntax_error
goto inside
local x = 1
::inside::
print(x)
return "ESCAPED"
