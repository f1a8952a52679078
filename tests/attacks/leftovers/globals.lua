-- expect: ok [repeat: 6]
if leak or string.leak or _G.leak then return "ESCAPED" end
leak, string.leak, math.pi = 1, 1, 3
json.leak = 1
return "left behind"
