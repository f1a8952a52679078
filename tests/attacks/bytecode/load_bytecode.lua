-- expect: ok [policy: trusted]
local f = load("\27Lua\x54\0\25\147\r\n\26\n\4\8\8xV\0\0\0\0\0\0\0\0\0\0\0(w@")
return f and "ESCAPED" or "refused"
