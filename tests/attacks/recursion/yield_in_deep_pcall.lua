-- expect: ok, plugin_error
local co = coroutine.wrap(function()
  local function f(n) if n == 0 then coroutine.yield(1) else return pcall(f, n - 1) end end
  f(150)
  return "survived"
end)
co()
return co()
