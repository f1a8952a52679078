-- expect: memory_limit [line: 3]
coroutine.wrap(function()
  return ("x"):rep(1 << 30)
end)()
return "ESCAPED"
