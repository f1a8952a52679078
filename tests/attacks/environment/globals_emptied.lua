-- expect: ok
local everything = _G
for k in pairs(everything) do everything[k] = nil end
return "nothing left"
