-- expect: invalid_result
return {[0] = 1, 2}
