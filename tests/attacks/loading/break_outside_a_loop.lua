-- expect: syntax_error
break
