-- expect: ok [output: "global"]
result = "global"
