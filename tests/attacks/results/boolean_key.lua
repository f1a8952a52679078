-- expect: invalid_result
return {[true] = 1}
