-- expect: ok [limits: cpu_ms=5000]
-- CVE-2020-24370 and 24371: tables that the collector thinks old.
local old = {}
for i = 1, 20000 do old[i] = {} end
for round = 1, 20 do
  for i = 1, #old do old[i].x = {round} end
end
return "sound"
