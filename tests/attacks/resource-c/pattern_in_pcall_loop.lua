-- expect: cpu_limit [line: 2]
while true do pcall(string.find, ("a"):rep(5000), ("a*"):rep(40) .. "b") end
