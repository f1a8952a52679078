-- expect: ok
local ok1 = pcall(utf8.offset, "abc", math.mininteger)
local ok2 = pcall(utf8.offset, "abc", math.maxinteger, math.mininteger)
return ok1 and not ok2 and "bounded" or "bounded"
