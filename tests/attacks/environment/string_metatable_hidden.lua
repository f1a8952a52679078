-- expect: ok
local mt = getmetatable("")
return type(mt) ~= "table" and "hidden" or "ESCAPED"
