-- expect: invalid_result
local a, b = {}, {}
a[1], b[1] = b, a
return a
