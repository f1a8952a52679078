-- expect: plugin_error
return table.unpack({}, 1, 1 << 40)
