-- expect: cpu_limit [line: 2]
local function ping(f) return f(f) end
ping(ping)
return "ESCAPED"
