-- SPDX-License-Identifier: Apache-2.0
-- Lines to blocks: headings, paragraphs, quotes, lists, fenced and indented code, tables, rules. A block is a
-- table with a `kind`; blocks that hold others have `blocks`.
local MAX_DEPTH = 32 -- quotes and lists inside each other; deeper ones are read as text

local blocks = {}

local function is_blank(line)
  return not line:find("%S")
end

local function list_marker(line)
  local indent, bullet, rest = line:match("^( ? ? ?)([-*+])%s+(.*)$")
  if bullet then
    return {ordered = false, content = rest, width = #line - #rest, sign = bullet, indent = #indent}
  end
  local number, sign
  indent, number, sign, rest = line:match("^( ? ? ?)(%d+)([.)])%s+(.*)$")
  if number and #number <= 9 then
    return {ordered = true, content = rest, width = #line - #rest, sign = sign, start = math.tointeger(tonumber(number)),
      indent = #indent}
  end
  return nil
end

local function is_rule(line)
  local sign = line:match("^ ? ? ?([-*_])")
  return sign ~= nil and line:gsub("[ \t" .. (sign == "-" and "%-" or sign) .. "]", "") == ""
    and select(2, line:gsub("%" .. sign, "")) >= 3
end

local function heading(lines, i)
  local marks, text = lines[i]:match("^ ? ? ?(#+)%s+(.*)$")
  if marks == nil then
    marks, text = lines[i]:match("^ ? ? ?(#+)$"), ""
  end
  if marks == nil or #marks > 6 then
    return nil
  end
  text = text:gsub("%s+#+%s*$", ""):gsub("^#+%s*$", "")
  return {kind = "heading", level = #marks, text = text:match("^%s*(.-)%s*$")}, i + 1
end

local function fence(lines, i)
  local indent, marks, info = lines[i]:match("^( ? ? ?)(```+)%s*([^`]*)$")
  if marks == nil then
    indent, marks, info = lines[i]:match("^( ? ? ?)(~~~+)%s*(.*)$")
  end
  if marks == nil then
    return nil
  end
  local sign = marks:sub(1, 1)
  local code = {}
  i = i + 1
  while i <= #lines do
    local closing = lines[i]:match("^ ? ? ?([`~]+)%s*$")
    if closing and closing:sub(1, 1) == sign and #closing >= #marks then
      break
    end
    code[#code + 1] = lines[i]:gsub("^" .. (" ?"):rep(#indent), "")
    i = i + 1
  end
  return {kind = "code", code = table.concat(code, "\n"), language = info:match("^%S+")}, i + 1
end

local function indented_code(lines, i)
  if not lines[i]:find("^    ") then
    return nil
  end
  local code = {}
  while i <= #lines and (lines[i]:find("^    ") or is_blank(lines[i])) do
    code[#code + 1] = lines[i]:sub(5)
    i = i + 1
  end
  while is_blank(code[#code]) do
    code[#code] = nil
  end
  return {kind = "code", code = table.concat(code, "\n")}, i
end

local function rule(lines, i)
  if is_rule(lines[i]) then
    return {kind = "rule"}, i + 1
  end
  return nil
end

local function quote(lines, i, depth)
  if depth >= MAX_DEPTH or not lines[i]:find("^ ? ? ?>") then
    return nil
  end
  local inner = {}
  while i <= #lines and not is_blank(lines[i]) do
    inner[#inner + 1] = lines[i]:gsub("^ ? ? ?> ?", "")
    i = i + 1
  end
  return {kind = "quote", blocks = blocks.parse(inner, depth + 1)}, i
end

-- The lines of one list item, their indentation taken off; whether a blank line was among them.
local function item_lines(lines, i, marker)
  local inner, loose = {marker.content}, false
  i = i + 1
  while i <= #lines do
    local line = lines[i]
    if is_blank(line) then
      local following = lines[i + 1]
      if following == nil or is_blank(following) or #following:match("^ *") < marker.width then
        break
      end
      loose = true
      inner[#inner + 1] = ""
    elseif #line:match("^ *") >= marker.width then
      inner[#inner + 1] = line:sub(marker.width + 1)
    elseif list_marker(line) or is_blank(lines[i - 1]) or is_rule(line) or line:find("^ ? ? ?[>#`~]") then
      break
    else
      inner[#inner + 1] = line -- a lazy continuation
    end
    i = i + 1
  end
  return inner, i, loose
end

local function list(lines, i, depth)
  local first = list_marker(lines[i])
  if depth >= MAX_DEPTH or first == nil or is_rule(lines[i]) then
    return nil
  end
  local block = {kind = "list", ordered = first.ordered, start = first.start, items = {}, loose = false}
  local marker = first
  while marker and marker.ordered == first.ordered and marker.sign == first.sign do
    local inner, after, loose = item_lines(lines, i, marker)
    block.items[#block.items + 1] = blocks.parse(inner, depth + 1)
    block.loose = block.loose or loose
    i = after
    marker = nil
    if lines[i] and is_blank(lines[i]) and lines[i + 1] then
      local next_marker = list_marker(lines[i + 1])
      if next_marker and next_marker.sign == first.sign and not is_rule(lines[i + 1]) then
        block.loose = true
        i = i + 1
      end
    end
    if lines[i] and not is_rule(lines[i]) then
      marker = list_marker(lines[i])
    end
  end
  return block, i
end

local function cells(line)
  local row = {}
  line = line:match("^%s*|?(.-)|?%s*$")
  for cell in (line:gsub("\\|", "\0") .. "|"):gmatch("([^|]*)|") do
    row[#row + 1] = cell:gsub("%z", "|"):match("^%s*(.-)%s*$")
  end
  return row
end

local function alignments(line)
  if not line:find("|", 1, true) or not line:find("^[%s|:-]+$") then
    return nil
  end
  local aligned = {}
  for i, cell in ipairs(cells(line)) do
    local left, right = cell:match("^(:?)%-+(:?)$")
    if left == nil then
      return nil
    end
    aligned[i] = left ~= "" and right ~= "" and "center" or right ~= "" and "right" or left ~= "" and "left" or ""
  end
  return aligned
end

local function table_block(lines, i)
  local aligned = lines[i]:find("|", 1, true) and lines[i + 1] and alignments(lines[i + 1])
  if not aligned then
    return nil
  end
  local header = cells(lines[i])
  if #header ~= #aligned then
    return nil
  end
  local rows = {}
  i = i + 2
  while i <= #lines and lines[i]:find("|", 1, true) do
    rows[#rows + 1] = cells(lines[i])
    i = i + 1
  end
  return {kind = "table", header = header, aligned = aligned, rows = rows}, i
end

local openers = {heading, fence, rule, quote, list, table_block}

local function starts_block(lines, i, depth)
  local marker = list_marker(lines[i])
  return heading(lines, i) ~= nil or lines[i]:find("^ ? ? ?```") or lines[i]:find("^ ? ? ?~~~") or is_rule(lines[i])
    or (depth < MAX_DEPTH and lines[i]:find("^ ? ? ?>"))
    or (depth < MAX_DEPTH and marker and marker.content ~= "" and (not marker.ordered or marker.start == 1))
end

local function paragraph(lines, i, depth)
  local text = {lines[i]:match("^%s*(.*)$")}
  i = i + 1
  while i <= #lines and not is_blank(lines[i]) do
    local underline = lines[i]:match("^ ? ? ?(=+)%s*$") or lines[i]:match("^ ? ? ?(%-+)%s*$")
    if underline then
      return {kind = "heading", level = underline:sub(1, 1) == "=" and 1 or 2, text = table.concat(text, "\n")}, i + 1
    elseif starts_block(lines, i, depth) then
      break
    end
    text[#text + 1] = lines[i]:match("^%s*(.*)$")
    i = i + 1
  end
  return {kind = "paragraph", text = (table.concat(text, "\n"):gsub("%s+$", ""))}, i
end

-- A list of blocks from a list of lines.
function blocks.parse(lines, depth)
  local found, i = {}, 1
  while i <= #lines do
    if is_blank(lines[i]) then
      i = i + 1
    else
      local block, after = indented_code(lines, i)
      for n = 1, #openers do
        if block then
          break
        end
        block, after = openers[n](lines, i, depth)
      end
      if not block then
        block, after = paragraph(lines, i, depth)
      end
      found[#found + 1], i = block, after
    end
  end
  return found
end

return blocks
