-- expect: ok
for _, name in ipairs({"io", "package", "dofile", "loadfile", "loadstring", "load", "module", "newproxy", "setfenv", "getfenv",
  "warn", "jit", "ffi", "bit", "bit32", "arg", "unpack", "ngx", "kong", "redis", "cjson", "cmsgpack", "struct", "socket", "posix",
  "lfs", "collectgarbagex", "_LOADED", "_PRELOAD", "mw", "core", "txn", "act", "debugger"}) do
  if _G[name] ~= nil then return "ESCAPED " .. name end
end
return "absent"
