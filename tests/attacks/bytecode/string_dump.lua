-- expect: ok
return string.dump == nil and not pcall(function() return ("").dump(print) end) and "absent" or "ESCAPED"
