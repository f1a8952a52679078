-- expect: ok [policy: trusted]
return load("return " .. ("("):rep(100000) .. "1" .. (")"):rep(100000)) and "ESCAPED" or "refused"
