-- expect: ok
for i = 0, 255 do print(string.char(i, 0, 0, 0, 0, 0, 0, i)) end
return "mine"
