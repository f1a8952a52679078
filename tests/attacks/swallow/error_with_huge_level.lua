-- expect: plugin_error
error("x", math.maxinteger)
