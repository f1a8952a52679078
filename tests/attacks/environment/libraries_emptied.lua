-- expect: ok
for _, name in ipairs({"string", "table", "math", "utf8", "coroutine", "os", "json", "log"}) do
  local library = _G[name]
  if library then for k in pairs(library) do library[k] = nil end end
end
return {"still", "written"}
