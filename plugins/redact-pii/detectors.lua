-- SPDX-License-Identifier: Apache-2.0
-- One detector per kind: a pattern for candidates, and a check that tells the real ones from look-alikes.
-- Candidates may not touch letters or digits on either side. Earlier rows win where two overlap.

-- The last digit of a card number is a check digit (Luhn, ISO/IEC 7812-1).
local function luhn(digits)
  local sum, double = 0, false
  for i = #digits, 1, -1 do
    local digit = digits:byte(i) - 48
    if double then
      digit = digit * 2
      digit = digit > 9 and digit - 9 or digit
    end
    sum = sum + digit
    double = not double
  end
  return sum % 10 == 0
end

local function is_card(candidate)
  local digits = candidate:gsub("[ -]", "")
  return #digits >= 13 and #digits <= 19 and not digits:find("^0") and luhn(digits)
end

local iban_lengths = {AT = 20, BE = 16, BG = 22, CH = 21, CY = 28, CZ = 24, DE = 22, DK = 18, EE = 20, ES = 24, FI = 18,
  FR = 27, GB = 22, GR = 27, HR = 21, HU = 28, IE = 22, IS = 26, IT = 27, LI = 21, LT = 20, LU = 20, LV = 21, MT = 31,
  NL = 18, NO = 15, PL = 28, PT = 25, RO = 24, SE = 24, SI = 19, SK = 24, UA = 29}

-- ISO 13616: moved round and letters as numbers, the rest by 97 is 1.
local function iban_length(candidate)
  local length = iban_lengths[candidate:sub(1, 2)]
  if length == nil then
    return nil
  end
  -- The pattern may have run on into the next word: take as many signs as the country has.
  local taken, position = {}, 0
  while #taken < length do
    position = position + 1
    local sign = candidate:sub(position, position)
    if sign == "" then
      return nil
    elseif sign ~= " " then
      taken[#taken + 1] = sign
    end
  end
  local text = table.concat(taken)
  local rest = 0
  for sign in (text:sub(5) .. text:sub(1, 4)):gmatch(".") do
    local value = tonumber(sign, 36)
    rest = (rest * (value > 9 and 100 or 10) + value) % 97
  end
  return rest == 1 and position or nil
end

local function is_ipv4(candidate)
  local count = 0
  for part in candidate:gmatch("%d+") do
    if tonumber(part) > 255 or (#part > 1 and part:byte() == 48) then
      return false
    end
    count = count + 1
  end
  return count == 4
end

local function is_ipv6(candidate)
  local _, gaps = candidate:gsub("::", "")
  local _, groups = candidate:gsub("%x+", "")
  for group in candidate:gmatch("%x+") do
    if #group > 4 then
      return false
    end
  end
  if candidate:find(":::", 1, true) or gaps > 1 or groups == 0 then
    return false
  end
  return gaps == 1 and groups <= 7 and groups >= 2 or (gaps == 0 and groups == 8)
end

local function is_phone(candidate)
  local digits = candidate:gsub("%D", "")
  return #digits >= 8 and #digits <= 15
end

local function accept(check)
  return function(candidate)
    return check(candidate) and #candidate or nil
  end
end

return {
  {kind = "email", pattern = "[%w][%w.+_%-]*@%w[%w%-.]*%.%a%a+", length = function(candidate)
    return not candidate:find("..", 1, true) and #candidate or nil
  end},
  {kind = "iban", pattern = "%u%u%d%d[%u%d ]+", length = iban_length},
  {kind = "ipv4", pattern = "%d+%.%d+%.%d+%.%d+", length = accept(is_ipv4)},
  {kind = "ipv6", pattern = "[%x:]+:[%x:]*%x", length = accept(is_ipv6)},
  {kind = "card", pattern = "%d[%d -]+%d", length = accept(is_card)},
  {kind = "phone", pattern = "%+%d[%d ()/.-]+%d", length = accept(is_phone)},
  {kind = "phone", pattern = "%(?0%d[%d ()/-]+%d", length = accept(is_phone)},
}
