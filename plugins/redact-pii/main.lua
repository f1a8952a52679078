-- SPDX-License-Identifier: Apache-2.0
-- Hides personal data in a text, or in every text of a JSON value, and tells what was where.
local detectors = require("detectors")

local MAX_CANDIDATE = 128 -- bytes; longer runs of digits or letters are no address or number of anybody
local MASK = "•"

local function touches_word(text, start, stop)
  return text:find("^[%w\x80-\xFF]", stop + 1) ~= nil
    or (start > 1 and text:find("^[%w\x80-\xFF]", start - 1) ~= nil)
end

-- Where detectors find something: a list of {kind, start, stop}, in order, without overlaps.
local function find_all(text, wanted)
  local found, taken = {}, {} -- taken[byte]: part of something found
  local function take(start, stop)
    for byte = start, stop do
      if taken[byte] then
        return false
      end
    end
    for byte = start, stop do
      taken[byte] = true
    end
    return true
  end
  for _, detector in ipairs(detectors) do
    local position = wanted[detector.kind] and 1 or #text + 1
    while position <= #text do
      local start, stop = text:find(detector.pattern, position)
      if start == nil then
        break
      end
      local length = stop - start < MAX_CANDIDATE and detector.length(text:sub(start, stop)) or nil
      stop = length and start + length - 1 or stop
      if length and not touches_word(text, start, stop) and take(start, stop) then
        found[#found + 1] = {kind = detector.kind, start = start, stop = stop}
      end
      position = stop + 1
    end
  end
  table.sort(found, function(a, b) return a.start < b.start end)
  return found
end

local styles = {}

function styles.label(_, kind)
  return "[" .. kind .. "]"
end

function styles.mask(text)
  return MASK:rep(utf8.len(text))
end

function styles.last4(text)
  local signs = text:gsub("[^%w]", "")
  return #signs >= 10 and MASK:rep(4) .. signs:sub(-4) or MASK:rep(utf8.len(text))
end

local function record(state, kind, path, at, length)
  state.findings[#state.findings + 1] = {kind = kind, path = path, at = at, length = length}
  state.counts[kind] = (state.counts[kind] or 0) + 1
end

local function redact_text(text, path, state)
  local parts, position = {}, 1
  local characters = 0 -- before `position`
  for _, one in ipairs(find_all(text, state.wanted)) do
    local secret = text:sub(one.start, one.stop)
    parts[#parts + 1] = text:sub(position, one.start - 1)
    characters = characters + utf8.len(parts[#parts])
    record(state, one.kind, path, characters, utf8.len(secret))
    characters = characters + utf8.len(secret)
    parts[#parts + 1] = state.style(secret, one.kind)
    position = one.stop + 1
  end
  parts[#parts + 1] = text:sub(position)
  return table.concat(parts)
end

local redact -- (value, path, state)

local function redact_member(name, value, path, state)
  local where = path .. (name:find("^[%a_][%w_]*$") and "." .. name or "[" .. json.encode(name) .. "]")
  if state.keys[name:lower()] and (type(value) == "string" or type(value) == "number") then
    local text = tostring(value)
    record(state, "key", where, 0, utf8.len(text))
    return state.style(text, "key")
  end
  return redact(value, where, state)
end

redact = function(value, path, state)
  if type(value) == "string" then
    return redact_text(value, path, state)
  elseif type(value) ~= "table" or value == json.null then
    return value
  elseif #value > 0 or next(value) == nil then
    for i, item in ipairs(value) do
      value[i] = redact(item, path .. "[" .. i - 1 .. "]", state)
    end
    return value
  end
  local clean = {}
  for name, member in table.sorted_pairs(value) do
    clean[name] = redact_member(name, member, path, state)
  end
  return clean
end

local function set_of(context, name)
  local list, set = context[name], {}
  if list == nil or list == json.null then
    return nil
  elseif type(list) ~= "table" then
    error(name .. ": expected an array, got " .. json.encode(list), 0)
  end
  for _, item in ipairs(list) do
    if type(item) ~= "string" then
      error(name .. ": expected texts, got " .. json.encode(item), 0)
    end
    set[item] = true
  end
  return set
end

local function wanted_kinds(context)
  local known, wanted = {}, set_of(context, "kinds")
  for _, detector in ipairs(detectors) do
    known[detector.kind] = true
  end
  for kind in table.sorted_pairs(wanted or {}) do
    if not known[kind] then
      error("kinds: there is no kind " .. json.encode(kind), 0)
    end
  end
  return wanted or known
end

return function(context)
  if type(context) ~= "table" or context.value == nil then
    error("value: expected what to search", 0)
  end
  local style = context.style
  if style == nil or style == json.null then
    style = "label"
  end
  if type(style) ~= "string" or styles[style] == nil then
    error("style: expected label, mask or last4, got " .. json.encode(style), 0)
  end
  local keys = {}
  for name in pairs(set_of(context, "keys") or {}) do
    keys[name:lower()] = true
  end
  local state = {
    wanted = wanted_kinds(context),
    keys = keys,
    style = styles[style],
    findings = json.array(),
    counts = {},
  }
  local value = redact(context.value, "$", state)
  return {value = value, findings = state.findings, counts = state.counts}
end
