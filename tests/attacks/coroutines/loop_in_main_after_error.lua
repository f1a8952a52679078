-- expect: cpu_limit [line: 4]
local co = coroutine.create(function() error("x") end)
coroutine.resume(co)
while true do end
