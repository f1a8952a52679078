-- expect: ok
setmetatable(_G, {__index = {result = "ESCAPED"}})
