-- expect: ok [context: {"__index":1,"__gc":2,"__metatable":3,"1":4,"":5}]
return getmetatable(context) == nil and context.__gc == 2 and context["1"] == 4 and context[1] == nil and context[""] == 5 and "plain" or "ESCAPED"
