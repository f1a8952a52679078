-- SPDX-License-Identifier: Apache-2.0
-- Records and fields of CSV as RFC 4180 has it: fields may be quoted, a quote inside is doubled, and a quoted
-- field may hold delimiters and line ends. Also takes bare LF or CR as line ends, and a byte order mark.
local reader = {}

local function fail(line, ...)
  error("line " .. line .. ": " .. string.format(...), 0)
end

-- The quoted field whose opening quote is at `start`: its text, where it ends, and the line after it.
local function quoted_field(text, start, line)
  local parts, position, first_line = {}, start + 1, line
  while true do
    local quote = text:find('"', position, true)
    if quote == nil then
      fail(first_line, "a quoted field is never closed")
    end
    parts[#parts + 1] = text:sub(position, quote - 1)
    if text:byte(quote + 1) ~= 34 then
      local field = table.concat(parts)
      local _, line_ends = field:gsub("\r?\n", "")
      return field, quote + 1, line + line_ends
    end
    parts[#parts + 1] = '"'
    position = quote + 2
  end
end

-- Calls `emit(fields, quoted, line)` for every record; `quoted[i]` tells which fields were quoted.
function reader.read(text, delimiter, emit)
  local position, line, length = 1, 1, #text
  if text:sub(1, 3) == "\u{FEFF}" then
    position = 4
  end
  local unquoted = "^[^\r\n\"" .. delimiter .. "]*"
  while position <= length do
    local fields, quoted, record_line = {}, {}, line
    while true do
      local field
      if text:byte(position) == 34 then
        field, position, line = quoted_field(text, position, line)
        quoted[#fields + 1] = true
      else
        local _, last = text:find(unquoted, position)
        field = text:sub(position, last)
        position = last + 1
        if text:byte(position) == 34 then
          fail(line, "a quote inside the unquoted field %q", field)
        end
      end
      fields[#fields + 1] = field
      local next_byte = text:sub(position, position)
      if next_byte == delimiter then
        position = position + 1
      elseif next_byte == "" or next_byte == "\n" or next_byte == "\r" then
        position = position + (text:sub(position, position + 1) == "\r\n" and 2 or 1)
        line = line + 1
        break
      else
        fail(line, "text after the closing quote of %q", field)
      end
    end
    if #fields > 1 or fields[1] ~= "" or quoted[1] then -- an empty line is no record
      emit(fields, quoted, record_line)
    end
  end
end

-- The delimiter that the first line has most of, outside quotes.
function reader.guess_delimiter(text)
  local first_line = text:gsub('"[^"]*"', ""):match("^[^\r\n]*")
  local best, most = ",", 0
  for _, candidate in ipairs({",", ";", "\t", "|"}) do
    local _, count = first_line:gsub("%" .. candidate, "")
    if count > most then
      best, most = candidate, count
    end
  end
  return best
end

return reader
