-- expect: ok
for _, text in ipairs({"0x", "0x.p", "1e", "1e+", "0x1p", ("9"):rep(1000), "0x" .. ("f"):rep(1000), "1" .. ("0"):rep(400), ".", "0x1.8p9999999999",
  "1e9999999999", " 1 ", "1\0", "nan", "inf", "0b1", "1_000"}) do
  local n = tonumber(text)
  if n ~= nil and math.type(n) == nil then return "ESCAPED" end
end
return tonumber("nan") == nil and tonumber("inf") == nil and tonumber("1\0") == nil and "sound" or "ESCAPED"
