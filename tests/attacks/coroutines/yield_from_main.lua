-- expect: plugin_error
coroutine.yield("ESCAPED")
return "ESCAPED"
