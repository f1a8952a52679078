-- expect: plugin_error
coroutine.wrap(function() ("abc"):gsub(".", function() coroutine.yield() end) end)()
return "ESCAPED"
