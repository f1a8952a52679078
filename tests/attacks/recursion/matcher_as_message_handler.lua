-- expect: ok [output: "held"]
-- A pattern too complex raises an error within the message handler, which is called for that error too: two hundred
-- levels of C calls, each with the two hundred of its matcher. No other nesting takes as much of the C stack.
local text = ("a"):rep(1000)
xpcall(error, text:gmatch(("a?"):rep(300) .. "b"))
xpcall(error, text:gmatch(("(a?)"):rep(30) .. ("a?"):rep(300) .. "b"))
return "held"
