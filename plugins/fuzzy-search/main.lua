-- SPDX-License-Identifier: Apache-2.0
-- Search over a catalogue: each word of the query finds its best word in a field; scores are whole numbers
-- out of 1000, so that equal input gives equal order everywhere.
local words_of = require("words")
local distance = require("distance")

local EXACT, PREFIX, PER_TYPING_ERROR = 1000, 900, 200

-- Typing errors forgiven in a word: none in short ones, or "cat" would find "car".
local function forgiven(length)
  return length <= 3 and 0 or length <= 7 and 1 or 2
end

-- How well one word of the query matches one of the text; nil if not at all.
local function word_score(wanted, word)
  if wanted.text == word.text then
    return EXACT
  end
  local wanted_length, length = #wanted.codes, #word.codes
  if wanted_length < length and word.text:sub(1, #wanted.text) == wanted.text then
    return PREFIX - math.min(length - wanted_length, 20) * 10
  end
  local most = forgiven(wanted_length)
  local errors = most > 0 and distance(wanted.codes, word.codes, most)
  return errors and EXACT - errors * PER_TYPING_ERROR or nil
end

local function field_score(query, words)
  local sum, matched = 0, json.array()
  for _, wanted in ipairs(query) do
    local best, best_word = 0, nil
    for _, word in ipairs(words) do
      local score = word_score(wanted, word)
      if score and score > best then
        best, best_word = score, word.text
      end
    end
    if best_word then
      sum = sum + best
      matched[#matched + 1] = best_word
    end
  end
  return sum // #query, matched
end

local function text_of(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" then
    return tostring(value)
  elseif type(value) == "table" and value ~= json.null then
    local parts = {}
    for i, part in ipairs(value) do
      parts[i] = text_of(part)
    end
    return table.concat(parts, " ")
  end
  return ""
end

local function item_match(query, item, index, fields, heaviest)
  local best
  for _, field in ipairs(fields) do
    local text = type(item) == "string" and item or text_of(item[field.name])
    local score, matched = field_score(query, words_of(text))
    -- A lighter field counts less, but never less than half.
    score = score * (heaviest + field.weight) // (2 * heaviest)
    if best == nil or score > best.score then
      best = {index = index - 1, score = score, field = field.name, words = matched}
    end
  end
  if type(item) == "table" and item.id ~= json.null then
    best.id = item.id
  end
  return best
end

local function whole(context, name, default, low, high)
  local value = context[name]
  if value == nil or value == json.null then
    return default
  elseif math.type(value) ~= "integer" or value < low or value > high then
    error(string.format("%s: expected a whole number from %d to %d, got %s", name, low, high, json.encode(value)), 0)
  end
  return value
end

local function field_list(fields)
  if fields == nil or fields == json.null then
    fields = {title = 1}
  elseif type(fields) ~= "table" or next(fields) == nil then
    error("fields: expected an object such as {\"title\": 3, \"tags\": 1}", 0)
  end
  local list, heaviest = {}, 1
  for name, weight in table.sorted_pairs(fields) do
    if type(name) ~= "string" or math.type(weight) ~= "integer" or weight < 1 or weight > 100 then
      error(string.format("fields.%s: expected a weight from 1 to 100, got %s", name, json.encode(weight)), 0)
    end
    list[#list + 1] = {name = name, weight = weight}
    heaviest = math.max(heaviest, weight)
  end
  return list, heaviest
end

return function(context)
  if type(context) ~= "table" or type(context.query) ~= "string" then
    error("query: expected the text to search for", 0)
  elseif type(context.items) ~= "table" then
    error("items: expected an array of what is searched", 0)
  end
  local limit = whole(context, "limit", 10, 1, 100)
  local min_score = whole(context, "min_score", 400, 0, 1000)
  local fields, heaviest = field_list(context.fields)
  local query = words_of(context.query)
  local found = {}
  for index, item in ipairs(context.items) do
    if type(item) ~= "string" and (type(item) ~= "table" or item == json.null) then
      error(string.format("items[%d]: expected a text or an object, got %s", index, json.encode(item)), 0)
    end
    local match = #query > 0 and item_match(query, item, index, fields, heaviest)
    if match and match.score >= min_score and #match.words > 0 then
      found[#found + 1] = match
    end
  end
  table.sort(found, function(a, b)
    if a.score ~= b.score then
      return a.score > b.score
    end
    return a.index < b.index
  end)
  local matches = json.array()
  for i = 1, math.min(limit, #found) do
    matches[i] = found[i]
  end
  return {matches = matches, total = #found}
end
