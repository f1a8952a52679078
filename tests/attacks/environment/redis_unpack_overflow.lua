-- expect: ok
-- CVE-2025-46817
for _, range in ipairs({{-1, 2147483647}, {0, 4294967295}, {math.mininteger, 0}, {1, math.maxinteger}, {math.maxinteger - 1, math.maxinteger}}) do
  local ok, n = pcall(function() return select("#", table.unpack({}, range[1], range[2])) end)
  if ok and n > 10 then return "ESCAPED" end
end
return "refused"
