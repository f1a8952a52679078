-- SPDX-License-Identifier: Apache-2.0
-- What may stand behind a name: {{name | upper}}, {{price | money:"EUR"}}. A filter gets the value (nil if it
-- is missing) and its argument, and returns the new value.
local filters = {}

local function text_of(value)
  if value == nil then
    return ""
  elseif math.type(value) == "float" and value == math.floor(value) and math.abs(value) < 1e15 then
    return string.format("%.0f", value)
  elseif type(value) == "table" then
    return json.encode(value)
  end
  return tostring(value)
end
filters.text_of = text_of

local function number_of(value, filter)
  local number = tonumber(value)
  if number == nil then
    error("filter " .. filter .. ": " .. json.encode(value) .. " is no number", 0)
  end
  return number
end

local by_name = {}

function by_name.upper(value)
  return text_of(value):upper()
end

function by_name.lower(value)
  return text_of(value):lower()
end

function by_name.trim(value)
  return text_of(value):match("^%s*(.-)%s*$")
end

function by_name.default(value, argument)
  if value == nil or value == "" then
    return argument or ""
  end
  return value
end

function by_name.join(value, argument)
  if type(value) ~= "table" then
    return value
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = text_of(item)
  end
  return table.concat(parts, argument or ", ")
end

function by_name.count(value)
  return type(value) == "table" and #value or utf8.len(text_of(value))
end

-- Whole cents as an amount: 123456 is 1,234.56.
function by_name.money(value, argument)
  local cents = math.tointeger(number_of(value, "money"))
  if cents == nil then
    error("filter money: expected whole cents, got " .. json.encode(value), 0)
  end
  local whole = string.format("%d", math.abs(cents) // 100):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  local amount = string.format("%s%s.%02d", cents < 0 and "-" or "", whole, math.abs(cents) % 100)
  return argument and argument .. " " .. amount or amount
end

-- Seconds since 1970 as a date in UTC.
function by_name.date(value, argument)
  return os.date("!" .. (argument or "%Y-%m-%d"), math.floor(number_of(value, "date")))
end

-- At most so many characters, the last one a "…".
function by_name.truncate(value, argument)
  local text, length = text_of(value), math.floor(number_of(argument, "truncate"))
  local characters = utf8.len(text)
  if characters <= length then
    return text
  elseif length < 1 then
    return ""
  end
  return text:sub(1, utf8.offset(text, length) - 1) .. "…"
end

function by_name.url(value)
  return (text_of(value):gsub("[^%w_.~-]", function(c) return string.format("%%%02X", c:byte()) end))
end

function by_name.json(value)
  return json.encode(value == nil and json.null or value)
end

function filters.apply(list, value, line)
  for _, filter in ipairs(list) do
    local call = by_name[filter.name]
    if call == nil then
      error("template line " .. line .. ": there is no filter " .. filter.name, 0)
    end
    value = call(value, filter.argument)
  end
  return value
end

return filters
