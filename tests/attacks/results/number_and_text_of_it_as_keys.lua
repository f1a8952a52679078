-- expect: invalid_result
return {["1"] = "a", [1] = "b", x = 1}
