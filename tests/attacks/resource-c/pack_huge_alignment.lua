-- expect: plugin_error
return #string.pack("!17 i8", 1)
