-- expect: ok
-- string.pack takes numbers and strings only.
return not pcall(string.pack, "j", {}) and not pcall(string.pack, "z", print) and not pcall(string.pack, "s", {}) and "refused" or "ESCAPED"
