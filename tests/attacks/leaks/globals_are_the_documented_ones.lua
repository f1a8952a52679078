-- expect: ok
local allowed = {}
for name in ([[assert error getmetatable ipairs next pairs pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring
  type xpcall collectgarbage load _G _VERSION string table math utf8 coroutine os debug json log context result]]):gmatch("%S+") do allowed[name] = true end
for name in pairs(_G) do if not allowed[name] then return "ESCAPED " .. tostring(name) end end
return "documented"
