-- expect: plugin_error
error("\xff\xfe\xc0\x80 bad", 0)
