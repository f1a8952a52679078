-- expect: ok
-- CVE-2020-15888: the stack moves while a coroutine is resumed and collected.
local function grow(n) if n == 0 then return coroutine.yield() end return 1 + grow(n - 1) end
for i = 1, 200 do
  local co = coroutine.wrap(grow)
  co(i * 20)
  local _ = ("x"):rep(10000) .. i
end
return "sound"
