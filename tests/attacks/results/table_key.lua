-- expect: invalid_result
return {[{}] = 1}
