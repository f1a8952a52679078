-- expect: plugin_error
return ("x"):find(("("):rep(1000) .. "x" .. (")"):rep(1000))
