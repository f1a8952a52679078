-- expect: plugin_error
coroutine.close(coroutine.running())
return "ESCAPED"
