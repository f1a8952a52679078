-- expect: plugin_error
error("before\0after", 0)
