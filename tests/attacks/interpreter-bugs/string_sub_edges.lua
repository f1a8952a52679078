-- expect: ok
local s = "abc"
return s:sub(math.mininteger, math.maxinteger) == "abc" and s:sub(math.maxinteger) == "" and s:sub(math.mininteger, -4) == ""
  and s:byte(math.maxinteger) == nil and #s:rep(0) == 0 and #s:rep(-1) == 0 and "sound" or "ESCAPED"
