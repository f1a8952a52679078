-- expect: invalid_result
return {["a\n\"]\0\27[31m"] = print}
