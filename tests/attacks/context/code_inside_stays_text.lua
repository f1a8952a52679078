-- expect: ok [context: {"code":"return 'ESCAPED'"}]
return type(context.code) == "string" and "text"
