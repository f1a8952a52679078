-- expect: plugin_error
return coroutine.yield("ESCAPED")
