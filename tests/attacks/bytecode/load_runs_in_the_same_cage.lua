-- expect: ok [policy: trusted]
local f = load("return io, os.execute, os.getenv, package, debug and debug.getregistry, string.dump")
return select("#", f()) == 6 and not (f()) and "caged" or "ESCAPED"
