-- expect: plugin_error
error(("é"):rep(5000) .. "x", 0)
