-- expect: ok
for _, t in ipairs({
  {year = math.maxinteger, month = 1, day = 1}, {year = 2020, month = math.maxinteger, day = 1},
  {year = 2020, month = 1}, {year = "x", month = 1, day = 1}, {year = 2020.5, month = 1, day = 1},
}) do
  if pcall(os.time, t) then return "ESCAPED" end
end
return "refused"
