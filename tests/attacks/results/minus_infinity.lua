-- expect: invalid_result
return -math.huge
