-- expect: ok
local values = {{}, print, function() end, coroutine.create(print), coroutine.running(), string, json.null, _G, math.random}
for i = 1, #values do
  local s = tostring(values[i])
  if s:find("%f[%x]0*[1-9a-f]%x%x%x%x%x%x") then return "ESCAPED " .. s end
end
return "no addresses"
