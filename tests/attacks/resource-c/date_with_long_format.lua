-- expect: ok, plugin_error, memory_limit
return #os.date(("%c"):rep(100000)) > 0
