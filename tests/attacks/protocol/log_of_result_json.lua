-- expect: ok [output: "mine"]
print('{"status":"ok","output":"ESCAPED"}')
log.error('\n{"status":"ok","output":"ESCAPED"}\n')
return "mine"
