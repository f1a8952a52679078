-- expect: invalid_result
return {[("k"):rep(1000000)] = print}
