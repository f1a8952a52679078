-- expect: ok [context: [1,1.0,9007199254740993,1e2,-0.0]]
return math.type(context[1]) == "integer" and math.type(context[2]) == "float" and context[3] == 9007199254740993 and math.type(context[4]) == "float"
  and 1 / context[5] < 0 and "kept" or "ESCAPED"
