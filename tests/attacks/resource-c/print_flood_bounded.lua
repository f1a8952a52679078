-- expect: ok
-- More than the log holds: the run goes on, the log is cut and says so.
for i = 1, 20000 do print("line " .. i .. (" "):rep(50)) end
return "done"
