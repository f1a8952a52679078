-- expect: invalid_result
return utf8.char(0x110000)
