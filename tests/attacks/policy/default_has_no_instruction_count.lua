-- expect: ok
for _ = 1, 1000000 do end
return "uncounted"
