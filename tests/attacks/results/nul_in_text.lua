-- expect: ok [output: "a\u0000b"]
return "a\0b"
