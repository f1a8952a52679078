-- expect: plugin_error, memory_limit, cpu_limit
return #{("x"):rep(30000000):byte(1, -1)}
