-- expect: ok
local messages = {}
local function try(f) messages[#messages + 1] = tostring(select(2, pcall(f))) end
try(function() return {} .. "x" end)
try(function() return {} + 1 end)
try(function() return print < {} end)
try(function() return {} < {} end)
try(function() ({})() end)
try(function() return #print end)
try(function() string.rep() end)
try(function() string.rep({}, {}) end)
try(function() setmetatable(1, 2) end)
try(function() error({}) end)
try(function() error(print) end)
try(function() json.encode({print}) end)
try(function() table.concat({{}}) end)
for _, m in ipairs(messages) do if m:find("%f[%x]0*[1-9a-f]%x%x%x%x%x%x") then return "ESCAPED " .. m end end
return "no addresses"
