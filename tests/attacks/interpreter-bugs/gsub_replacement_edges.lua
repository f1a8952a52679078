-- expect: ok
for _, replacement in ipairs({"%", "%%", "%2", "%z", "%0%1", "\0%"}) do pcall(string.gsub, "abc", "(b)", replacement) end
return not pcall(string.gsub, "x", "x", function() return {} end) and "sound" or "ESCAPED"
