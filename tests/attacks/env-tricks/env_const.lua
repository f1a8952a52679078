-- expect: ok
local _ENV <const> = {x = "mine"}
return x
