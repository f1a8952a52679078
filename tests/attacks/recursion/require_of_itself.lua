-- expect: plugin_error
return require("main")
