-- expect: ok
return ngx == nil and package == nil and "nothing shared" or "ESCAPED"
