-- expect: ok
return pcall(setmetatable, "", {}) and "ESCAPED" or "refused"
