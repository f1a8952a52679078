-- expect: invalid_result
return coroutine.create(function() end)
