-- expect: ok [policy: trusted]
for _, mode in ipairs({"b", "bt", "tb"}) do
  local ok, f = pcall(load, "\27Lua", "=x", mode)
  if ok and f then return "ESCAPED" end
end
return "refused"
