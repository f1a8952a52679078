-- expect: ok
-- CVE-2021-43519: resuming inside resuming overflowed the C stack.
local function f(n)
  if n == 0 then return 0 end
  local co = coroutine.create(f)
  local _, v = coroutine.resume(co, n - 1)
  return type(v) == "number" and v + 1 or 0
end
f(10000)
return "sound"
