-- expect: ok
local up
local messages = {
  select(2, pcall(function() return up.x end)),
  select(2, pcall(function() return ("x")() end)),
  select(2, pcall(function() local t = {} t.a.b = 1 end)),
  select(2, pcall(function() return #up end)),
  select(2, pcall(function() return up < 1 end)),
  select(2, pcall(function() for _ = 1, up do end end)),
  select(2, pcall(function() return 1 & 1.5 end)),
  select(2, pcall(function() return {} .. "x" end)),
}
for i = 1, 8 do if type(messages[i]) ~= "string" then return "ESCAPED" end end
return "sound"
