-- expect: ok
if os and os.exit then os.exit(0) end
return pcall(function() os.exit(0) end) and "ESCAPED" or "no way"
