-- expect: ok [repeat: 6]
if ("x").leak then return "ESCAPED" end
string.leak = function() return "ESCAPED" end
string.rep = nil
return ("x").leak and "own" or "fixed"
