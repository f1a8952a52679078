-- expect: ok
local messages = {select(2, pcall(error, "x", 1)), select(2, pcall(error, "x", 2)), select(2, pcall(function() local x = nil; x() end)), select(2, pcall(require, "nothing"))}
for _, m in ipairs(messages) do if tostring(m):find("/") or tostring(m):find("%.so") then return "ESCAPED " .. m end end
return "clean"
