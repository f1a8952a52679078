-- SPDX-License-Identifier: Apache-2.0
-- Readable URL slugs: letters become ASCII, everything else separates words.
local transliteration = require("transliteration")

local SPACES_AND_SIGNS_END = 0xBF -- Latin-1 signs; letters begin after them

-- Blocks of punctuation, symbols and spaces: they separate words and are not told of as dropped.
local function is_separator(code)
  return code <= SPACES_AND_SIGNS_END or code == 0xD7 or code == 0xF7 or (code >= 0x2000 and code <= 0x2BFF)
    or (code >= 0x3000 and code <= 0x303F) or (code >= 0xFE00 and code <= 0xFE0F) or code >= 0x1F000
end

local function words_of(text, language)
  local letters, signs = transliteration.tables(language)
  local words, word = {}, {}
  local dropped, seen = json.array(), {}
  local function finish_word()
    if #word > 0 then
      words[#words + 1] = table.concat(word)
      word = {}
    end
  end

  for _, code in utf8.codes(text) do
    local ascii = code < 0x80 and string.char(code):match("%w") or letters[code]
    if ascii then
      word[#word + 1] = ascii
    else
      finish_word()
      if signs[code] then
        words[#words + 1] = signs[code]
      elseif not is_separator(code) and not seen[code] then
        seen[code] = true
        dropped[#dropped + 1] = utf8.char(code)
      end
    end
  end
  finish_word()
  return words, dropped
end

-- As many whole words as fit; a first word that is too long is cut.
local function join(words, separator, max_length)
  local slug = ""
  for _, word in ipairs(words) do
    local longer = slug == "" and word or slug .. separator .. word
    if #longer > max_length then
      break
    end
    slug = longer
  end
  if slug == "" and words[1] then
    slug = words[1]:sub(1, max_length)
  end
  return slug
end

-- The slug itself, or with "-2", "-3", ... behind it, whichever nobody has.
local function untaken(slug, taken, separator, max_length)
  local set = {}
  for _, other in ipairs(taken) do
    set[other] = true
  end
  local candidate, number = slug, 1
  while set[candidate] do
    number = number + 1
    local tail = separator .. number
    candidate = slug:sub(1, math.max(max_length - #tail, 0)):gsub("[-_.]$", "") .. tail
  end
  return candidate
end

local function option(context, name, default, valid, expected)
  local value = context[name]
  if value == nil or value == json.null then
    return default
  end
  if not valid(value) then
    error(string.format("%s: expected %s, got %s", name, expected, json.encode(value)), 0)
  end
  return value
end

return function(context)
  local text = type(context) == "table" and context.text
  if type(text) ~= "string" then
    error("text: expected the text to make a slug of", 0)
  end
  local is_text = function(v) return type(v) == "string" end
  local is_flag = function(v) return type(v) == "boolean" end
  local separator = option(context, "separator", "-", function(v) return v == "-" or v == "_" or v == "." end,
    "\"-\", \"_\" or \".\"")
  local max_length = option(context, "max_length", 80,
    function(v) return math.type(v) == "integer" and v >= 1 end, "a whole number above 0")
  local language = option(context, "language", "", is_text, "a language code such as \"de\"")
  local lowercase = option(context, "lowercase", true, is_flag, "true or false")
  local taken = option(context, "taken", {}, function(v) return type(v) == "table" end, "an array of slugs")

  local words, dropped = words_of(text, language:lower():match("^%a*"))
  local slug = join(words, separator, max_length)
  if lowercase then
    slug = slug:lower()
  end
  return {slug = untaken(slug, taken, separator, max_length), dropped = dropped}
end
