-- expect: plugin_error
error({})
