-- expect: ok [policy: patient-strict] [limits: policy]
local t, c = os and os.time and os.time() or 0, os and os.clock and os.clock() or 0
for _ = 1, 100000 do end
return (not os or not os.time or os.time() == t) and (not os or not os.clock or os.clock() == c) and "still" or "ESCAPED"
