-- expect: syntax_error
return "\u{80000000}"
