-- expect: ok [context: {"a":1}]
return function(c) return c == context and "same" or "copy" end
