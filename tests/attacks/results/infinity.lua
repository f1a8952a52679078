-- expect: invalid_result
return {1, 2, math.huge}
