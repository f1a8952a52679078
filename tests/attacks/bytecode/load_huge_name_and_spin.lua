-- expect: cpu_limit [policy: trusted]
-- While it is sampled, a name of a chunk is cut to what a profile holds.
return load("local n = 0 while true do n = n + 1 end", "=" .. ("n"):rep(1000))()
