-- expect: syntax_error
return "\q"
