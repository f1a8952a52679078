-- expect: cpu_limit [line: 5]
coroutine.wrap(function()
  coroutine.wrap(function()
    coroutine.wrap(function()
      while true do end
    end)()
  end)()
end)()
return "ESCAPED"
