-- expect: cpu_limit [line: 3]
-- The step is lost in rounding after a while: the loop never ends.
for _ = 0.0, 1.0, 1e-300 do end
return "ESCAPED"
