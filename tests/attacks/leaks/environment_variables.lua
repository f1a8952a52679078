-- expect: ok
return os.getenv == nil and "absent" or "ESCAPED"
