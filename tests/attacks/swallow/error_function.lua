-- expect: plugin_error
error(function() return "ESCAPED" end)
