-- expect: plugin_error
error("CPU limit of 200 ms reached", 0)
