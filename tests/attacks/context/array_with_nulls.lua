-- expect: ok [context: [null,1,null]]
return #context == 3 and context[2] == 1 and "three" or "ESCAPED"
