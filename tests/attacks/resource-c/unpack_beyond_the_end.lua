-- expect: plugin_error
return string.unpack("s8", ("\255"):rep(7) .. "\127xxx")
