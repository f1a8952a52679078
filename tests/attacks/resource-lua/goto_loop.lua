-- expect: cpu_limit [line: 2]
::again:: goto again
