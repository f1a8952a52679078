-- expect: plugin_error
return ("x"):rep(100000):find(("x?"):rep(100000))
