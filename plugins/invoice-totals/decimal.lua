-- SPDX-License-Identifier: Apache-2.0
-- Exact decimals as scaled integers: "19.5" with 3 decimals is 19500. Money is never a float.
local decimal = {}

-- The digits of a number, without an exponent.
local function digits_of(value)
  if math.type(value) == "integer" then
    return tostring(value)
  elseif math.type(value) == "float" then
    -- 14 digits: 0.1 stays 0.1, and what a float cannot hold exactly is not invented.
    return (string.format("%.14f", value):gsub("%.?0+$", ""))
  elseif type(value) == "string" then
    return value
  end
  return nil
end

-- Parses a number or a string such as "-12.50"; `places` decimals at most. Returns nil and a reason.
function decimal.parse(value, places)
  local text = digits_of(value)
  if text == nil then
    return nil, "expected a number or a decimal string, got " .. type(value)
  end
  local sign, whole, fraction = text:match("^(%-?)(%d+)%.?(%d*)$")
  if whole == nil or text:sub(-1) == "." then
    return nil, string.format("%q is not a decimal number", text)
  end
  if #fraction > places then
    return nil, string.format("%s has more than %d decimals", text, places)
  end
  if #whole > 12 then
    return nil, string.format("%s is too large", text)
  end
  local scaled = math.tointeger(tonumber(whole .. fraction .. string.rep("0", places - #fraction)))
  if scaled == nil then
    return nil, string.format("%s is too large", text)
  end
  return sign == "-" and -scaled or scaled
end

-- The shortest text of a scaled integer: 19500 with 3 decimals is "19.5".
function decimal.text(scaled, places)
  local unit = 10 ^ places // 1 | 0
  local sign = scaled < 0 and "-" or ""
  scaled = math.abs(scaled)
  local fraction = string.format("%0" .. places .. "d", scaled % unit):gsub("0+$", "")
  return sign .. scaled // unit .. (fraction ~= "" and "." .. fraction or "")
end

-- a * b, or nil where that does not fit into 64 bits.
function decimal.multiply(a, b)
  if a == 0 or b == 0 then
    return 0
  end
  local product = a * b
  if product // b ~= a or product == math.mininteger then
    return nil
  end
  return product
end

-- numerator / denominator (positive), rounded. Halves go away from zero, or to the even neighbour.
function decimal.divide(numerator, denominator, mode)
  local negative = numerator < 0
  local magnitude = negative and -numerator or numerator
  local quotient, rest = magnitude // denominator, magnitude % denominator
  local twice = rest - (denominator - rest) -- 2 * rest - denominator, without overflow
  if twice > 0 or (twice == 0 and (mode == "half_up" or quotient % 2 == 1)) then
    quotient = quotient + 1
  end
  return negative and -quotient or quotient
end

return decimal
