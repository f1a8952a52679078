-- expect: ok
local keep = {type = type}
local _ENV = "x"
return keep.type(rep) == "function" and dump == nil and "own string methods only"
