-- expect: invalid_result
return "abc\xe2\x82"
