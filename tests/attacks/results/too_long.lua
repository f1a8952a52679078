-- expect: output_limit [limits: output_bytes=10000]
return ("x"):rep(20000)
