-- expect: ok [policy: trusted]
local _, message = load("error(", "@/etc/passwd")
local _, other = pcall(load("error('x')", "=[C]"))
return type(message) == "string" and type(other) == "string" and not message:find("root:") and "sound" or "ESCAPED"
