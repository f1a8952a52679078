-- expect: ok
local order = {}
local function mark(n) return setmetatable({}, {__close = function() order[#order + 1] = n end}) end
local function f()
  local _ <close> = mark(1)
  local _ <close> = mark(2)
  return (function() local _ <close> = mark(3) return "x" end)()
end
f()
return table.concat(order) == "321" and "sound"
