-- expect: ok [context: [null]]
return context[1] == json.null and context[1] ~= nil and "null"
