-- expect: ok [context: [9223372036854775808]]
return math.type(context[1]) == "float" and "float" or "ESCAPED"
