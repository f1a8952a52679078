-- SPDX-License-Identifier: Apache-2.0
-- Conditions as data. evaluate(condition, facts) gives true, or false and a reason for people.
local MAX_DEPTH = 20

local function same_kind(a, b)
  return type(a) == type(b) and (type(a) == "number" or type(a) == "string")
end

local operators = {}

function operators.eq(a, b)
  return a == b
end

function operators.ne(a, b)
  return a ~= b
end

function operators.lt(a, b)
  return same_kind(a, b) and a < b
end

function operators.le(a, b)
  return same_kind(a, b) and a <= b
end

function operators.gt(a, b)
  return same_kind(a, b) and a > b
end

function operators.ge(a, b)
  return same_kind(a, b) and a >= b
end

operators["in"] = function(a, list)
  for _, one in ipairs(list) do
    if a == one then
      return true
    end
  end
  return false
end

-- A list has the value, or a text has the part.
function operators.contains(a, b)
  if type(a) == "string" and type(b) == "string" then
    return a:find(b, 1, true) ~= nil
  end
  return type(a) == "table" and a ~= json.null and operators["in"](b, a)
end

function operators.exists(a, wanted)
  return (a ~= nil) == (wanted ~= false)
end

local function lookup(facts, path)
  local value = facts
  for name in path:gmatch("[^.]+") do
    if type(value) ~= "table" or value == json.null then
      return nil
    end
    value = value[name]
  end
  if value == json.null then
    return nil
  end
  return value
end

local evaluate -- (condition, facts, where, depth)

local function compare(condition, facts, where)
  local operator = operators[condition.op]
  if operator == nil then
    error(where .. ".op: there is no operator " .. json.encode(condition.op), 0)
  elseif type(condition.field) ~= "string" then
    error(where .. ".field: expected a name such as \"customer.tier\"", 0)
  elseif condition.op == "in" and (type(condition.value) ~= "table" or condition.value == json.null) then
    error(where .. ".value: in needs an array", 0)
  end
  local actual = lookup(facts, condition.field)
  if operator(actual, condition.value) then
    return true
  end
  local shown = actual == nil and "absent" or json.encode(actual)
  return false, string.format("%s is %s, not %s %s", condition.field, shown, condition.op, json.encode(condition.value))
end

local function list_of(condition, name, where)
  local list = condition[name]
  if type(list) ~= "table" or list == json.null then
    error(where .. "." .. name .. ": expected an array of conditions", 0)
  end
  return list
end

local function all(condition, facts, where, depth)
  for i, part in ipairs(list_of(condition, "all", where)) do
    local holds, reason = evaluate(part, facts, where .. ".all[" .. i - 1 .. "]", depth)
    if not holds then
      return false, reason
    end
  end
  return true
end

local function any(condition, facts, where, depth)
  local reasons = {}
  for i, part in ipairs(list_of(condition, "any", where)) do
    local holds, reason = evaluate(part, facts, where .. ".any[" .. i - 1 .. "]", depth)
    if holds then
      return true
    end
    reasons[#reasons + 1] = reason
  end
  return false, #reasons > 0 and table.concat(reasons, "; ") or "none of no conditions holds"
end

evaluate = function(condition, facts, where, depth)
  if type(condition) ~= "table" or condition == json.null then
    error(where .. ": expected a condition, got " .. json.encode(condition), 0)
  elseif depth > MAX_DEPTH then
    error(where .. ": conditions are more than " .. MAX_DEPTH .. " deep", 0)
  elseif condition.all ~= nil then
    return all(condition, facts, where, depth + 1)
  elseif condition.any ~= nil then
    return any(condition, facts, where, depth + 1)
  elseif condition["not"] ~= nil then
    if evaluate(condition["not"], facts, where .. ".not", depth + 1) then
      return false, "the condition in \"not\" holds"
    end
    return true
  end
  return compare(condition, facts, where)
end

return function(condition, facts, where)
  return evaluate(condition, facts, where, 0)
end
