-- expect: ok [output: "\u2028\u2029"]
return "\u{2028}\u{2029}"
