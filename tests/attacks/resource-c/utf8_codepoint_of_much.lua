-- expect: plugin_error, memory_limit, cpu_limit
return #{utf8.codepoint(("x"):rep(30000000), 1, -1)}
