-- expect: memory_limit [line: 3]
local keep, text = {}, "[" .. ("{},"):rep(10000) .. "{}]"
while true do keep[#keep + 1] = json.decode(text) end
