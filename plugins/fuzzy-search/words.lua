-- SPDX-License-Identifier: Apache-2.0
-- Text to words that can be compared: lower case, no accents, as lists of code points.
local rows = [[
àáâãäåāăą a  çćĉċč c  ďđð d  èéêëēĕėęě e  ĝğġģ g  ĥħ h  ìíîïĩīĭįı i  ĵ j  ķ k  ĺļľŀł l  ñńņň n
òóôõöøōŏő o  ŕŗř r  śŝşšș s  ţťŧț t  ùúûüũūŭůűų u  ŵ w  ýÿŷ y  źżž z
]]
local capitals = {{0xC0, 0xDE, 32}, {0x391, 0x3A9, 32}, {0x410, 0x42F, 32}, {0x400, 0x40F, 80}}

local function fold_table()
  local fold = {}
  for code = 65, 90 do
    fold[code] = code + 32
  end
  for _, range in ipairs(capitals) do
    for code = range[1], range[2] do
      fold[code] = code + range[3]
    end
  end
  fold[0xD7] = nil -- the multiplication sign
  for code = 0x100, 0x17E, 2 do
    fold[code] = code + 1
  end
  for code = 0x139, 0x147, 2 do -- here capitals are odd
    fold[code - 1], fold[code] = code, code + 1
  end
  for _, code in ipairs({0x179, 0x17B, 0x17D}) do
    fold[code - 1], fold[code] = nil, code + 1
  end
  fold[0x178] = 0xFF
  for letters, plain in rows:gmatch("(%S+)%s+(%S+)") do
    for _, code in utf8.codes(letters) do
      fold[code] = plain:byte()
    end
  end
  for code = 0x100, 0x17E do -- a capital folds to what its small letter folds to
    fold[code] = fold[fold[code]] or fold[code]
  end
  for code = 0xC0, 0xDE do
    fold[code] = fold[fold[code]] or fold[code]
  end
  return fold
end

local fold = fold_table()

local function is_letter(code)
  return (code >= 97 and code <= 122) or (code >= 48 and code <= 57) or (code >= 0xC0 and code ~= 0xD7 and code ~= 0xF7
    and not (code >= 0x2000 and code <= 0x2BFF) and not (code >= 0x3000 and code <= 0x3020))
end

-- The words of a text, each {text = as it was folded, codes = its code points}. ß is written ss.
return function(text)
  local words, codes = {}, {}
  local function finish()
    if #codes > 0 then
      words[#words + 1] = {text = utf8.char(table.unpack(codes)), codes = codes}
      codes = {}
    end
  end
  for _, code in utf8.codes(text) do
    code = fold[code] or code
    local is_accent = code >= 0x300 and code <= 0x36F -- written by itself: dropped
    if code == 0xDF then
      codes[#codes + 1], codes[#codes + 2] = 115, 115
    elseif is_letter(code) and not is_accent and #codes < 64 then
      codes[#codes + 1] = code
    elseif not is_accent then
      finish()
    end
  end
  finish()
  return words
end
