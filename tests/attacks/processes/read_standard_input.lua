-- expect: ok
return pcall(function() return io.read() end) and "ESCAPED" or "no way"
