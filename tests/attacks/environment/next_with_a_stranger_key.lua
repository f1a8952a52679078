-- expect: ok
return pcall(next, {}, "never there") and "ESCAPED" or "refused"
