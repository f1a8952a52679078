-- expect: wall_limit, cpu_limit [limits: wall_ms=300, cpu_ms=10000]
-- There is nothing to sleep with; waiting for the clock costs CPU time.
local t = os.time() + 1000000
while os.time() < t do end
return "ESCAPED"
