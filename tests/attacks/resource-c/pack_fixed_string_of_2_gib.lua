-- expect: plugin_error, memory_limit
return #string.pack("c2147483647", "x")
