-- expect: ok
return pcall(string.format, "%p", {}) and "ESCAPED" or "refused"
