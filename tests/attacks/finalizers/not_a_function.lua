-- expect: ok
return pcall(setmetatable, {}, {__gc = true}) and "ESCAPED" or "refused"
