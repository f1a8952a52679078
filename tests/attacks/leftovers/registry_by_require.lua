-- expect: ok [repeat: 6]
local ok, t = pcall(require, "main")
if ok and type(t) == "table" then
  if t.leak then return "ESCAPED" end
  t.leak = 1
end
return "asked"
