-- expect: plugin_error
assert(false, setmetatable({}, {__name = "io.FILE*"}))
