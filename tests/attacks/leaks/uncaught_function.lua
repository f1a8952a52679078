-- expect: plugin_error
error(print)
