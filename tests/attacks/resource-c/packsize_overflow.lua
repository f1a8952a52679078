-- expect: plugin_error
return string.packsize(("s2147483647"):rep(2) .. ("i16"):rep(100))
