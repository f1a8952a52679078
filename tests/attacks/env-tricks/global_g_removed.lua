-- expect: ok
_G._G = nil
_G = nil
return "still running"
