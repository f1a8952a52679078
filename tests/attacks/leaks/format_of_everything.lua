-- expect: ok
for _, v in ipairs({{}, print, coroutine.running(), json.null}) do
  local s = string.format("%s|%q", v, "x") .. string.format("%10.200s", v)
  if s:find("%x%x%x%x%x%x%x%x") then return "ESCAPED " .. s end
end
return "no addresses"
