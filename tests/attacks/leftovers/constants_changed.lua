-- expect: ok [repeat: 6]
if math.pi ~= 3.141592653589793 or math.huge ~= 1 / 0 or _VERSION ~= "Lua 5.4" then return "ESCAPED" end
math.pi, math.huge, _VERSION = 3, 3, "x"
return "changed"
