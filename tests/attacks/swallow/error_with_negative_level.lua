-- expect: plugin_error
error("x", math.mininteger)
