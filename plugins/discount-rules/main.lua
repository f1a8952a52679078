-- SPDX-License-Identifier: Apache-2.0
-- Applies discount rules to a cart: by priority, each on what the ones before have left, with a reason for
-- every rule that did not apply. Amounts are whole cents.
local evaluate = require("conditions")
local actions = require("actions")

local MAX_RULES, MAX_CENTS = 1000, 3000000000 -- the square of the latter fits into 64 bits

local function fail(where, ...)
  error(where .. ": " .. string.format(...), 0)
end

local function whole(object, name, where, low, default)
  local value = object[name]
  if (value == nil or value == json.null) and default ~= nil then
    return default
  elseif math.type(value) ~= "integer" or value < low or value > MAX_CENTS then
    fail(where .. "." .. name, "expected a whole number of at least %d, got %s", low, json.encode(value))
  end
  return value
end

local function read_lines(cart)
  if type(cart) ~= "table" or type(cart.items) ~= "table" then
    fail("cart.items", "expected an array of items")
  end
  local lines, subtotal, pieces = {}, 0, 0
  for i, item in ipairs(cart.items) do
    local where = "cart.items[" .. i - 1 .. "]"
    if type(item) ~= "table" or type(item.sku) ~= "string" then
      fail(where .. ".sku", "expected a text")
    end
    local price, quantity = whole(item, "price_cents", where, 0), whole(item, "quantity", where, 1, 1)
    lines[i] = {
      place = i,
      sku = item.sku,
      category = item.category,
      price_cents = price,
      quantity = quantity,
      before_cents = price * quantity,
      left_cents = price * quantity,
    }
    subtotal, pieces = subtotal + price * quantity, pieces + quantity
    if subtotal > MAX_CENTS then
      fail(where, "the cart is worth more than %d cents", MAX_CENTS)
    end
  end
  return lines, subtotal, pieces
end

local function ordered_rules(rules)
  if type(rules) ~= "table" then
    fail("rules", "expected an array of rules")
  elseif #rules > MAX_RULES then
    fail("rules", "more than %d rules", MAX_RULES)
  end
  local list, seen = {}, {}
  for i, rule in ipairs(rules) do
    local where = "rules[" .. i - 1 .. "]"
    if type(rule) ~= "table" or type(rule.id) ~= "string" then
      fail(where .. ".id", "expected a text")
    elseif seen[rule.id] then
      fail(where .. ".id", "there are two rules %s", rule.id)
    end
    local action = rule["then"]
    if type(action) ~= "table" or not actions[action.type] then
      fail(where .. ".then.type", "expected percent, amount, buy_x_get_y or free_shipping, got %s",
        json.encode(type(action) == "table" and action.type or nil))
    end
    seen[rule.id] = true
    list[i] = {rule = rule, where = where, place = i, priority = whole(rule, "priority", where, -MAX_CENTS, 0)}
  end
  table.sort(list, function(a, b)
    if a.priority ~= b.priority then
      return a.priority > b.priority
    end
    return a.place < b.place
  end)
  return list
end

local function coupon_set(coupons)
  local set = {}
  for _, code in ipairs(type(coupons) == "table" and coupons or {}) do
    if type(code) == "string" then
      set[code:upper()] = true
    end
  end
  return set
end

-- Why a rule does not apply, or nil if it does.
local function obstacle(entry, state)
  local rule = entry.rule
  if state.exclusive then
    return "rule " .. state.exclusive .. " is exclusive"
  elseif rule.exclusive == true and #state.applied > 0 then
    return "it is exclusive, and others applied before"
  elseif type(rule.coupon) == "string" and not state.coupons[rule.coupon:upper()] then
    return "coupon " .. rule.coupon .. " was not given"
  elseif rule.when ~= nil and rule.when ~= json.null then
    local holds, reason = evaluate(rule.when, state.facts, entry.where .. ".when")
    return not holds and reason or nil
  end
  return nil
end

local function apply(entry, state)
  local rule = entry.rule
  local reason = obstacle(entry, state)
  local cents = 0
  if reason == nil then
    cents = actions[rule["then"].type](rule["then"], state.cart, entry.where .. ".then")
    reason = cents == 0 and "there is nothing to take off" or nil
  end
  if reason then
    state.skipped[#state.skipped + 1] = {rule = rule.id, reason = reason}
    return
  end
  state.applied[#state.applied + 1] = {rule = rule.id, amount_cents = cents}
  if rule.exclusive == true then
    state.exclusive = rule.id
  end
end

return function(context)
  if type(context) ~= "table" or context == json.null then
    fail("cart", "expected a cart and rules")
  end
  local lines, subtotal, pieces = read_lines(context.cart)
  local shipping = whole(context.cart, "shipping_cents", "cart", 0, 0)
  local state = {
    cart = {lines = lines, shipping_cents = shipping},
    coupons = coupon_set(context.cart.coupons),
    facts = {
      customer = context.customer,
      cart = {subtotal_cents = subtotal, pieces = pieces, lines = #lines, shipping_cents = shipping},
    },
    applied = json.array(),
    skipped = json.array(),
  }
  for _, entry in ipairs(ordered_rules(context.rules)) do
    apply(entry, state)
  end

  local shown, left = json.array(), 0
  for i, line in ipairs(lines) do
    left = left + line.left_cents
    shown[i] = {sku = line.sku, before_cents = line.before_cents, after_cents = line.left_cents}
  end
  return {
    subtotal_cents = subtotal,
    discount_cents = subtotal - left,
    shipping_cents = state.cart.shipping_cents,
    total_cents = left + state.cart.shipping_cents,
    lines = shown,
    applied = state.applied,
    skipped = state.skipped,
  }
end
