-- expect: ok [policy: trusted]
local n = 0
local ok, f = pcall(load, function() n = n + 1 return n == 1 and "\27" or n == 2 and "Lua" or nil end)
return ok and f and "ESCAPED" or "refused"
