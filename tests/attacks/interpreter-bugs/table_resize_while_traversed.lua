-- expect: ok, plugin_error
local t = {}
for i = 1, 100 do t[i] = i end
local ok = pcall(function()
  for k in pairs(t) do t[k + 1000] = k; if #t > 5000 then break end end
end)
return type(ok) == "boolean" and "sound"
