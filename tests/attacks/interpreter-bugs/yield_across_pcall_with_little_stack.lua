-- expect: ok
-- CVE-2020-24342
local function f() pcall(coroutine.yield) return pcall(f) end
local co = coroutine.create(f)
for _ = 1, 300 do coroutine.resume(co) end
return "sound"
