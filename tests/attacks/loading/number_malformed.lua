-- expect: syntax_error
return 0x1g
