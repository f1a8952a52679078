-- expect: ok
return not pcall(os.date, "%c", math.maxinteger) and not pcall(os.date, "*t", math.mininteger) and "refused" or "ESCAPED"
