-- expect: ok
-- CVE-2022-0543: package was left reachable, and with it every shared library.
local ok, got = pcall(function() return package.loadlib("/usr/lib/x86_64-linux-gnu/liblua5.1.so.0", "luaopen_io") end)
return ok and got and "ESCAPED" or "absent"
