-- SPDX-License-Identifier: Apache-2.0
-- What a rule does. Each action gets the rule's `then`, the cart's lines and its place for errors, and lowers
-- `left_cents` of the lines; it returns what it took off, in cents.

local function is_for(line, only)
  if only == nil or only == json.null then
    return true
  end
  return (only.sku == nil or only.sku == line.sku) and (only.category == nil or only.category == line.category)
end

local function chosen(lines, only)
  local list, sum = {}, 0
  for _, line in ipairs(lines) do
    if is_for(line, only) and line.left_cents > 0 then
      list[#list + 1] = line
      sum = sum + line.left_cents
    end
  end
  return list, sum
end

-- Takes `cents` off the lines in proportion to what they cost; what division leaves over goes to the first
-- lines, a cent each, so that the parts add up exactly.
local function spread(list, sum, cents)
  local rest = cents
  for _, line in ipairs(list) do
    line.part = cents * line.left_cents // sum
    rest = rest - line.part
  end
  for _, line in ipairs(list) do
    if rest > 0 and line.part < line.left_cents then
      line.part = line.part + 1
      rest = rest - 1
    end
    line.left_cents = line.left_cents - line.part
    line.part = nil
  end
  return cents
end

local function whole(action, name, where, low, high)
  local value = action[name]
  if math.type(value) ~= "integer" or value < low or value > high then
    error(string.format("%s.%s: expected a whole number from %d to %d, got %s", where, name, low, high,
      json.encode(value)), 0)
  end
  return value
end

local function capped(action, cents, where)
  if action.max_cents == nil or action.max_cents == json.null then
    return cents
  end
  return math.min(cents, whole(action, "max_cents", where, 0, math.maxinteger))
end

local actions = {}

function actions.percent(action, cart, where)
  local percent = whole(action, "percent", where, 1, 100)
  local list, sum = chosen(cart.lines, action.only)
  local cents = capped(action, (sum * percent + 50) // 100, where)
  return sum > 0 and spread(list, sum, math.min(cents, sum)) or 0
end

function actions.amount(action, cart, where)
  local cents = whole(action, "cents", where, 1, 1000000000000)
  local list, sum = chosen(cart.lines, action.only)
  return sum > 0 and spread(list, sum, math.min(capped(action, cents, where), sum)) or 0
end

-- Of every `buy` + `get` pieces, the `get` cheapest are free.
function actions.buy_x_get_y(action, cart, where)
  local buy, get = whole(action, "buy", where, 1, 1000), whole(action, "get", where, 1, 1000)
  local list = chosen(cart.lines, action.only)
  local pieces = 0
  for _, line in ipairs(list) do
    pieces = pieces + line.quantity
  end
  table.sort(list, function(a, b)
    if a.price_cents ~= b.price_cents then
      return a.price_cents < b.price_cents
    end
    return a.place < b.place
  end)
  local free, taken = pieces // (buy + get) * get, 0
  for _, line in ipairs(list) do
    local count = math.min(free, line.quantity)
    local cents = math.min(line.left_cents, capped(action, taken + count * line.price_cents, where) - taken)
    line.left_cents = line.left_cents - cents
    taken = taken + cents
    free = free - count
  end
  return taken
end

function actions.free_shipping(_, cart)
  local cents = cart.shipping_cents
  cart.shipping_cents = 0
  return cents
end

return actions
