-- expect: ok
local lists = {
  os = {"execute", "exit", "getenv", "remove", "rename", "tmpname", "setlocale"},
  string = {"dump"},
  debug = {"getregistry", "getinfo", "getlocal", "setlocal", "getupvalue", "setupvalue", "upvalueid", "upvaluejoin", "sethook",
    "gethook", "getmetatable", "setmetatable", "getuservalue", "setuservalue", "debug", "setcstacklimit"},
  table = {"loadlib"},
}
for library, names in pairs(lists) do
  for _, name in ipairs(names) do
    local t = _G[library]
    if t and t[name] ~= nil then return "ESCAPED " .. library .. "." .. name end
  end
end
return "absent"
