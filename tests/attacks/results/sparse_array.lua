-- expect: invalid_result
return {[1] = 1, [3] = 3}
