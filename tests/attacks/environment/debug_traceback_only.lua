-- expect: ok
if debug == nil then return "absent" end
for k in pairs(debug) do if k ~= "traceback" then return "ESCAPED " .. k end end
return "traceback only"
