-- expect: invalid_result
return {[1.5] = 1}
