-- expect: ok [context: {"a":1,"A":2,"\u0061b":3}]
return context.a == 1 and context.A == 2 and context.ab == 3 and "three" or "ESCAPED"
