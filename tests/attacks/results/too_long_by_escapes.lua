-- expect: output_limit [limits: output_bytes=10000]
return ("\1"):rep(5000)
