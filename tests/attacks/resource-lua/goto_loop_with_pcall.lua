-- expect: cpu_limit
::again::
pcall(error, "x")
goto again
