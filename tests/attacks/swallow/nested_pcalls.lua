-- expect: cpu_limit [line: 2]
local f = function() while true do end end
for _ = 1, 50 do
  local g = f
  f = function() return pcall(g) end
end
f()
return "ESCAPED"
