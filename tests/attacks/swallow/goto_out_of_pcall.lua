-- expect: cpu_limit [line: 5]
while true do
  local ok = pcall(function()
    goto on
    ::on:: while true do end
  end)
  if not ok then goto continue end
  ::continue::
end
