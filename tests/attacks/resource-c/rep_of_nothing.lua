-- expect: ok
-- One C call, no instruction, no allocation: stock string.rep would loop for centuries.
return #string.rep("", math.maxinteger)
