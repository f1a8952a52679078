-- expect: cpu_limit [line: 3]
while true do
  pcall(table.move, {}, 1, math.maxinteger - 1, 2)
end
