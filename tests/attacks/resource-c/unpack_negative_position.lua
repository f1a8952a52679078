-- expect: ok
return string.unpack("i4", "abcd", math.mininteger) and not pcall(string.unpack, "i4", "abcd", math.maxinteger) and "bounded"
