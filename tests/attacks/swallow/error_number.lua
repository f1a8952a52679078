-- expect: plugin_error
error(42)
