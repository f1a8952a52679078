-- expect: ok
return pcall(function() return ("%p"):format({}) end) and "ESCAPED" or "refused"
