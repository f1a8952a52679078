-- expect: ok, memory_limit
-- Leaves holes between blocks that live, each time too small for the blocks that follow: what is resident grows
-- beyond what is alive. The worker has to stay within what it is charged.
local limit, keep = 32 << 20, {}
local size, number = 24, 0
while size < 120000 do
  local room = limit - collectgarbage("count") * 1024 - 3000000
  local filler, round = ("x"):rep(size - 8), {}
  for i = 1, room * 0.75 // (size + 45) do
    number = number + 1
    round[i] = filler .. ("%08d"):format(number)
  end
  local kept = {}
  for i = 1, #round, 4 do kept[#kept + 1] = round[i] end
  keep[#keep + 1] = kept
  size = size * 3
end
return #keep
