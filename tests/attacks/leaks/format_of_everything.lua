-- expect: ok
for _, v in ipairs({{}, print, coroutine.running(), json.null}) do
  local s = string.format("%s|%q", v, "x") .. string.format("%10.99s", v)
  if s:find("%f[%x]0*[1-9a-f]%x%x%x%x%x%x") then return "ESCAPED " .. s end
end
return "no addresses"
