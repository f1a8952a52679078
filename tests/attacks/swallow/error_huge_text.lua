-- expect: plugin_error
error(("x"):rep(10000000))
