-- expect: ok
log.info = function() return "ESCAPED" end
log = nil
print("x")
return "mine"
