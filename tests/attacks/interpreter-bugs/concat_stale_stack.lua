-- expect: ok
-- Debian 12's patch of CVE-2022-33099 uses a stack pointer that __concat may have invalidated.
local function grow(n) if n == 0 then return 0 end return 1 + grow(n - 1) end
local mt = {__concat = function(_, _) grow(15000) return "r" end}
local function fresh() return setmetatable({}, mt) end
for _ = 1, 50 do
  local s = coroutine.wrap(function()
    return "a" .. "b" .. fresh() .. "c" .. "d" .. fresh() .. "e"
  end)()
  if type(s) ~= "string" then return "ESCAPED" end
end
return "sound"
