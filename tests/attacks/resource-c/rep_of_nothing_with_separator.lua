-- expect: ok
return #string.rep("", math.maxinteger, "")
