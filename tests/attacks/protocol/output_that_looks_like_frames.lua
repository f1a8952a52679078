-- expect: invalid_result
return string.char(3, 0, 0, 0, 255, 255, 255, 127)
