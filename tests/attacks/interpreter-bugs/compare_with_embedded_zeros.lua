-- expect: ok
local a, b = ("a\0"):rep(1000) .. "b", ("a\0"):rep(1000) .. "c"
for i = 1, 1000 do
  if not (a:sub(i) < b:sub(i)) then return "ESCAPED" end
end
return "\0" < "\0\0" and "sound"
