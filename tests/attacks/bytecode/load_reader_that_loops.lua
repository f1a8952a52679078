-- expect: ok, cpu_limit [policy: trusted]
local ok, f = pcall(load, function() while true do end end)
return ok and f and "ESCAPED" or "refused"
