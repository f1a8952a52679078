-- expect: ok
for _, f in ipairs({"%Ez", "%", "%E", "%O", "%Q", "%!", "%5Y"}) do
  if pcall(os.date, f) then return "ESCAPED " .. f end
end
return "refused"
