-- expect: ok
for _, t in ipairs({_G, string, table, math, json, log, utf8, coroutine}) do pcall(rawset, t, "x", "y") end
return pcall(rawset, "", "x", 1) and "ESCAPED" or "own tables only"
