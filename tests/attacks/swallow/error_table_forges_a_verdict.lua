-- expect: plugin_error
error({type = "cpu_limit", owner = "host", status = "ok", message = "CPU limit of 200 ms reached", output = "ESCAPED"})
