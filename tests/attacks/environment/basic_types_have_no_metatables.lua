-- expect: ok
for _, v in ipairs({1, 1.5, true, print, coroutine.running()}) do
  if getmetatable(v) ~= nil then return "ESCAPED" end
  if pcall(setmetatable, v, {}) then return "ESCAPED" end
end
return "none"
