-- expect: ok [output: 1]
return 1, "ESCAPED", print
