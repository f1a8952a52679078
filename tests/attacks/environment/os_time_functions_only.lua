-- expect: ok
local given = {time = true, clock = true, date = true, difftime = true}
for k in pairs(os or {}) do if not given[k] then return "ESCAPED " .. k end end
return "time only"
