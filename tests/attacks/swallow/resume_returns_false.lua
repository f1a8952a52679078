-- expect: cpu_limit [line: 2]
local co = coroutine.create(function() while true do end end)
if not coroutine.resume(co) then return "ESCAPED" end
