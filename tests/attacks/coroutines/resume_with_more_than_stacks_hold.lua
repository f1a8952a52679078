-- expect: ok [limits: memory_bytes=268435456] [output: [false, "too many arguments to resume"]]
local t = {}
for i = 1, 600000 do t[i] = i end
local co = coroutine.create(function(...) coroutine.yield() return select("#", ...) end)
assert(coroutine.resume(co, table.unpack(t)))
return {coroutine.resume(co, table.unpack(t))}
