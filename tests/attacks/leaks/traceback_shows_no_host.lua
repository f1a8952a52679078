-- expect: ok
local s = debug and debug.traceback and debug.traceback("x") or ""
return (s:find("/") or s:find("0x") or s:find("sandbox") or s:find("%.c:")) and "ESCAPED " .. s or "clean"
