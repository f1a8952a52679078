-- SPDX-License-Identifier: Apache-2.0
-- Optimal string alignment: how many letters to insert, delete, change, or swap with their neighbour.
-- Returns nil as soon as it must be above `most`.
return function(a, b, most)
  local n, m = #a, #b
  if math.abs(n - m) > most then
    return nil
  end
  local before, previous, current = {}, {}, {}
  for j = 0, m do
    previous[j] = j
  end
  for i = 1, n do
    current[0] = i
    local smallest = i
    for j = 1, m do
      local cost = a[i] == b[j] and 0 or 1
      local best = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
      if i > 1 and j > 1 and a[i] == b[j - 1] and a[i - 1] == b[j] then
        best = math.min(best, before[j - 2] + 1)
      end
      current[j] = best
      smallest = math.min(smallest, best)
    end
    if smallest > most then
      return nil
    end
    before, previous, current = previous, current, before
  end
  return previous[m] <= most and previous[m] or nil
end
