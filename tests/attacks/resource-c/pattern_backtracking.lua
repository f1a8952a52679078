-- expect: cpu_limit [line: 2]
return ("a"):rep(5000):find(("a*"):rep(40) .. "b") and "ESCAPED"
