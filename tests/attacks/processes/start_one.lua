-- expect: ok
local ways = {
  function() return os.execute("true") end,
  function() return io.popen("id"):read("a") end,
  function() return require("posix").fork() end,
  function() return require("ffi").C.fork() end,
  function() return package.loadlib("libc.so.6", "system") end,
}
for _, way in ipairs(ways) do if pcall(way) then return "ESCAPED" end end
return "no way"
