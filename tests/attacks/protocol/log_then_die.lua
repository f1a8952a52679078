-- expect: cpu_limit [line: 4] [log: kept]
-- Log lines are delivered as they are written: a killed run still has its own.
print("before the end")
while true do end
