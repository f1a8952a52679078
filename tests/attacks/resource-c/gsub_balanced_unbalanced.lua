-- expect: cpu_limit [line: 2]
return (("("):rep(2000000):gsub("%b()", "")) and "ESCAPED"
