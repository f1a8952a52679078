-- expect: plugin_error
coroutine.wrap(function() table.sort({3, 1, 2}, function() coroutine.yield() end) end)()
return "ESCAPED"
