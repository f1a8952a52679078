-- expect: ok
-- Without debug there is no way to them; string.dump would have been another.
return debug and debug.getupvalue and "ESCAPED" or "out of reach"
