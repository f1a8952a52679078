-- expect: ok [log: noaddress]
print({}, print, coroutine.running(), json.null)
log.info(setmetatable({}, {__name = "x"}), {}, print)
return "see the log"
