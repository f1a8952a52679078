-- expect: ok
for _, name in ipairs({1, 1.5, true, {}, print}) do
  if pcall(require, name) then return "ESCAPED" end
end
return pcall(require) and "ESCAPED" or "refused"
