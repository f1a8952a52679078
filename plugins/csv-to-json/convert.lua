-- SPDX-License-Identifier: Apache-2.0
-- One field's text to a typed value; each returns nil where the text is not of that type.
local booleans = {["true"] = true, yes = true, ["1"] = true, ["false"] = false, no = false, ["0"] = false}

local convert = {}

function convert.string(text)
  return text
end

function convert.integer(text)
  return text:find("^[+-]?%d+$") and math.tointeger(tonumber(text)) or nil
end

function convert.number(text)
  if not text:find("^[+-]?%d+%.?%d*[eE]?[+-]?%d*$") and not text:find("^[+-]?%.%d+$") then
    return nil -- also what Lua would read as a number, but people would not: 0x10, inf
  end
  local value = tonumber(text)
  return value and value - value == 0 and value or nil
end

function convert.boolean(text)
  return booleans[text:lower()]
end

-- A number if it surely is one: "007" and "1e5" are more likely codes.
function convert.auto(text)
  if text:find("^-?[1-9]%d*$") or text == "0" then
    return math.tointeger(tonumber(text)) or text
  elseif text:find("^-?[1-9]%d*%.%d+$") or text:find("^-?0%.%d+$") then
    return tonumber(text)
  elseif text == "true" or text == "false" then
    return text == "true"
  end
  return text
end

return convert
