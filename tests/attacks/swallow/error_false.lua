-- expect: plugin_error
error(false)
