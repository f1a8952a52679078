-- expect: ok [output: "returned"]
result = "ESCAPED"
return "returned"
