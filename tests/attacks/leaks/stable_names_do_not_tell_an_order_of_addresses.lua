-- expect: ok
local a, b = {}, {}
return tostring(a) == tostring(a) and "stable"
