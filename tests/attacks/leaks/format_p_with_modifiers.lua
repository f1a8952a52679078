-- expect: ok
for _, f in ipairs({"%20p", "%-20p", "%.5p", "%#p", "%lp"}) do
  if pcall(string.format, f, {}) then return "ESCAPED" end
end
return "refused"
