-- expect: invalid_result
return {["\xc3("] = 1}
