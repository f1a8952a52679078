-- expect: ok
for _, name in ipairs({"os", "io", "string", "_G", "debug", "package", "ffi", "socket", "/etc/passwd", "../main", "./main.lua", "", "main\0x",
  "lfs", "posix", "..", "/proc/self/maps", ("x"):rep(100000)}) do
  local ok, got = pcall(require, name)
  if ok and got ~= nil and got ~= true then return "ESCAPED " .. name end
end
return "nothing found"
