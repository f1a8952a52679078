-- expect: plugin_error
coroutine.wrap(function() error("not enough memory", 0) end)()
