-- expect: ok
for base = 2, 36 do tonumber(("z"):rep(200), base) end
return not pcall(tonumber, "1", 1) and not pcall(tonumber, "1", 37) and tonumber("7fffffffffffffff", 16) == math.maxinteger and "sound"
