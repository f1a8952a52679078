-- expect: memory_limit [line: 4]
local s = "x"
while true do
  local ok, more = pcall(function() return s .. s end)
  s = ok and more or s
end
