-- expect: syntax_error
return "ESCAPED" end
