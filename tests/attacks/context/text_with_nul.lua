-- expect: ok [context: ["a\u0000b"]]
return #context[1] == 3 and "kept" or "ESCAPED"
