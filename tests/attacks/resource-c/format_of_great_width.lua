-- expect: plugin_error
return string.format("%1000d", 1)
