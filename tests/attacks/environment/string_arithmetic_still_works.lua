-- expect: ok
-- Replacing the metatable of strings would lose this.
return "10" + 1 == 11 and "3" * "4" == 12 and -"2" == -2 and 10 .. 20 == "1020" and "works" or "ESCAPED"
