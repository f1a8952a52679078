-- expect: invalid_result
return "\xed\xa0\x80"
