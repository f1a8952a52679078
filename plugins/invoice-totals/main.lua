-- SPDX-License-Identifier: Apache-2.0
-- Totals of an invoice: quantities, discounts and tax rates are exact decimals, amounts are whole cents.
local decimal = require("decimal")

local QUANTITY_PLACES, PERCENT_PLACES = 4, 3
local QUANTITY_UNIT, PERCENT_UNIT = 10000, 100 * 1000

local function fail(where, ...)
  error(where .. ": " .. string.format(...), 0)
end

-- A member of an object; null counts as absent.
local function member(object, name, default)
  local value = object[name]
  if value == nil or value == json.null then
    return default
  end
  return value
end

local function choice(object, name, allowed, default)
  local value = member(object, name, default)
  for _, one in ipairs(allowed) do
    if value == one then
      return value
    end
  end
  fail(name, "expected %s, got %s", table.concat(allowed, " or "), json.encode(value))
end

local function decimal_member(object, name, where, places, default)
  local value, reason = decimal.parse(member(object, name, default), places)
  if value == nil then
    fail(where .. "." .. name, "%s", reason)
  end
  return value
end

local function percent_member(object, name, where)
  local percent = decimal_member(object, name, where, PERCENT_PLACES, 0)
  if percent < 0 or percent > PERCENT_UNIT then
    fail(where .. "." .. name, "expected 0 to 100, got %s", decimal.text(percent, PERCENT_PLACES))
  end
  return percent
end

local function scaled_share(amount, share, unit, where, mode)
  local product = decimal.multiply(amount, share)
  if product == nil then
    fail(where, "the amount is too large")
  end
  return decimal.divide(product, unit, mode)
end

local function price_line(line, where, mode)
  if type(line) ~= "table" then
    fail(where, "expected an object, got %s", type(line))
  end
  local price = member(line, "unit_price_cents")
  if math.type(price) ~= "integer" then
    fail(where .. ".unit_price_cents", "expected whole cents, got %s", json.encode(price))
  end
  local quantity = decimal_member(line, "quantity", where, QUANTITY_PLACES, 1)
  local before = scaled_share(price, quantity, QUANTITY_UNIT, where, mode)
  local discount = scaled_share(before, percent_member(line, "discount_percent", where), PERCENT_UNIT, where, mode)
  return {
    amount = before - discount,
    discount = discount,
    tax_percent = percent_member(line, "tax_percent", where),
  }
end

-- The tax in `amount`, which contains it, or on top of `amount`, which does not.
local function tax_of(amount, percent, included, where, mode)
  local unit = included and PERCENT_UNIT + percent or PERCENT_UNIT
  return scaled_share(amount, percent, unit, where, mode)
end

local function groups_by_rate(lines)
  local groups, order = {}, {}
  for _, line in ipairs(lines) do
    local group = groups[line.tax_percent]
    if group == nil then
      group = {tax_percent = line.tax_percent, amount = 0, line_tax = 0}
      groups[line.tax_percent] = group
      order[#order + 1] = group
    end
    group.amount = group.amount + line.amount
    group.line_tax = group.line_tax + line.tax
  end
  table.sort(order, function(a, b) return a.tax_percent < b.tax_percent end)
  return order
end

local function money_text(currency, cents)
  local sign = cents < 0 and "-" or ""
  cents = math.abs(cents)
  return string.format("%s %s%d.%02d", currency, sign, cents // 100, cents % 100)
end

local function shown_lines(lines)
  local shown = json.array()
  for i, line in ipairs(lines) do
    shown[i] = {
      amount_cents = line.amount,
      discount_cents = line.discount,
      tax_percent = decimal.text(line.tax_percent, PERCENT_PLACES),
    }
  end
  return shown
end

return function(invoice)
  if type(invoice) ~= "table" or type(invoice.lines) ~= "table" then
    fail("lines", "expected an array of invoice lines")
  end
  local mode = choice(invoice, "rounding", {"half_up", "half_even"}, "half_up")
  local per_line = choice(invoice, "tax_per", {"line", "rate"}, "rate") == "line"
  local included = member(invoice, "prices_include_tax", false) == true
  local currency = member(invoice, "currency", "EUR")
  if type(currency) ~= "string" or not currency:find("^%u%u%u$") then
    fail("currency", "expected three capital letters, got %s", json.encode(currency))
  end

  local lines, discount = {}, 0
  for i, entry in ipairs(invoice.lines) do
    local where = "lines[" .. i .. "]"
    local line = price_line(entry, where, mode)
    line.tax = per_line and tax_of(line.amount, line.tax_percent, included, where, mode) or 0
    discount = discount + line.discount
    lines[i] = line
  end

  local taxes, net, tax = json.array(), 0, 0
  for i, group in ipairs(groups_by_rate(lines)) do
    local group_tax = per_line and group.line_tax
      or tax_of(group.amount, group.tax_percent, included, "lines", mode)
    local group_net = included and group.amount - group_tax or group.amount
    taxes[i] = {
      tax_percent = decimal.text(group.tax_percent, PERCENT_PLACES),
      net_cents = group_net,
      tax_cents = group_tax,
      gross_cents = group_net + group_tax,
    }
    net, tax = net + group_net, tax + group_tax
  end

  return {
    currency = currency,
    lines = shown_lines(lines),
    taxes = taxes,
    discount_cents = discount,
    net_cents = net,
    tax_cents = tax,
    gross_cents = net + tax,
    gross_text = money_text(currency, net + tax),
  }
end
