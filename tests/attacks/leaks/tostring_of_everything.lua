-- expect: ok
local values = {{}, print, function() end, coroutine.create(print), coroutine.running(), string, json.null, _G, math.random}
for i = 1, #values do
  local s = tostring(values[i])
  if s:find("%x%x%x%x%x%x%x%x") then return "ESCAPED " .. s end
end
return "no addresses"
