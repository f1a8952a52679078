-- expect: ok [output: null]
local _ = 1
