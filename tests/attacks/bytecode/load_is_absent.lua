-- expect: ok
return load == nil and loadstring == nil and loadfile == nil and dofile == nil and "absent" or "ESCAPED"
