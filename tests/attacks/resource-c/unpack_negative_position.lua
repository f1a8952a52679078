-- expect: plugin_error
return string.unpack("i4", "abcd", math.mininteger)
