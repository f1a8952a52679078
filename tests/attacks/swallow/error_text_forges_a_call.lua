-- expect: plugin_error
error("syscall_denied: openat", 0)
