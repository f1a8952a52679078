-- expect: ok
local first = string.rep
string.rep = nil
return first("x", 3) == "xxx" and "sound"
