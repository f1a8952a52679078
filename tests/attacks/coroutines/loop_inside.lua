-- expect: cpu_limit [line: 3]
local co = coroutine.create(function()
  while true do end
end)
coroutine.resume(co)
return "ESCAPED"
