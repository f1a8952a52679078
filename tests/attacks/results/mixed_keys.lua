-- expect: invalid_result
return {1, 2, name = "x"}
