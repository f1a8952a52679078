-- expect: ok [context: ["\ud83d\ude00"]]
return utf8.codepoint(context[1]) == 0x1F600 and "kept" or "ESCAPED"
