-- expect: cpu_limit [line: 3]
local text = "[" .. ("0,"):rep(100000) .. "0]"
while true do json.decode(text) end
