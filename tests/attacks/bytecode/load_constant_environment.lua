-- expect: ok [policy: trusted]
-- CVE-2022-28805: a compile-time constant called _ENV.
local sources = {
  "local _ENV <const> = {}; local function f() return x end; return f()",
  "local _ENV <const> = nil; return pcall(function() return x end)",
  "local function f() local _ENV <const> = 11; local a = x end return pcall(f)",
  "local _ENV <const> = 'a'; return x, y",
}
for _, source in ipairs(sources) do
  local f = load(source)
  if f then pcall(f) end
end
return "sound"
