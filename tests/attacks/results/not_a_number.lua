-- expect: invalid_result
return {value = 0 / 0}
