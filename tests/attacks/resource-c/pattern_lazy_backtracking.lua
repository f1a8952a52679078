-- expect: cpu_limit [line: 2]
return ("a"):rep(5000):find((".-"):rep(30) .. "b") and "ESCAPED"
