-- expect: plugin_error
error(coroutine.create(print))
