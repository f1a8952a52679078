-- expect: cpu_limit [line: 3]
local co = coroutine.wrap(function()
  return ("a"):rep(5000):find(("a*"):rep(40) .. "b")
end)
return co() and "ESCAPED"
