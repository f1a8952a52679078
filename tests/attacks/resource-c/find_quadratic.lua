-- expect: cpu_limit [line: 2]
return ("a"):rep(2000000):find(".-b") or "ESCAPED"
