-- expect: ok
return string.pack("!8 b Xi8 b", 1, 2):byte(2) == 0 and string.pack("c8", "a") == "a\0\0\0\0\0\0\0" and "zeroes" or "ESCAPED"
