-- expect: ok, output_limit
return ("x"):rep(1048574)
