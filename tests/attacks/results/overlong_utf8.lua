-- expect: invalid_result
return "\xc0\xaf"
