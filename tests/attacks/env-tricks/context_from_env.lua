-- expect: ok [context: {"secret":1}]
local _ENV = {context = "ESCAPED"}
return function(c) return c.secret end
