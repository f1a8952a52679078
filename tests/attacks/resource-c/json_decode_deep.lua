-- expect: plugin_error
return json.decode(("["):rep(100000) .. ("]"):rep(100000))
