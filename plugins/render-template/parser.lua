-- SPDX-License-Identifier: Apache-2.0
-- A template's text to a tree: text, values, sections, partials. Errors tell the line of the tag.
local parser = {}

local MAX_DEPTH = 64 -- sections inside each other

local function fail(line, ...)
  error("template line " .. line .. ": " .. string.format(...), 0)
end

local function parse_value(content, line, raw)
  local path, rest = content:match("^([%w_.%-]+)%s*(.*)$")
  if path == nil then
    fail(line, "%q is no name", content)
  end
  local node = {kind = "value", path = path, raw = raw, line = line, filters = {}}
  while rest ~= "" do
    local name, argument, after = rest:match('^|%s*([%a_]+)%s*:%s*"([^"]*)"%s*(.*)$')
    if name == nil then
      name, after = rest:match("^|%s*([%a_]+)%s*(.*)$")
    end
    if name == nil then
      fail(line, "%q: expected | and a filter", rest)
    end
    node.filters[#node.filters + 1] = {name = name, argument = argument}
    rest = after
  end
  return node
end

local function name_of(content, line)
  local name = content:match("^[#^/>]%s*([%w_.%-]+)%s*$")
  if name == nil then
    fail(line, "%q is no name", content:sub(2))
  end
  return name
end

-- A section's, comment's or partial's tag that is alone on its line takes the whole line with it.
local function is_alone(text, start, stop)
  local line_start = start
  while line_start > 1 and text:find("^[ \t]", line_start - 1) do
    line_start = line_start - 1
  end
  local before = line_start == 1 or text:sub(line_start - 1, line_start - 1) == "\n"
  local _, after = text:find("^[ \t]*\r?\n", stop + 1)
  if after == nil and not text:find("%S", stop + 1) then
    after = #text
  end
  if before and after then
    return line_start, after
  end
  return nil
end

local function tag_at(text, position)
  local start = text:find("{{", position, true)
  if start == nil then
    return nil
  end
  local triple = text:sub(start, start + 2) == "{{{"
  local content_start = start + (triple and 3 or 2)
  local content_stop, stop = text:find(triple and "}}}" or "}}", content_start, true)
  return start, stop, stop and text:sub(content_start, content_stop - 1), triple
end

function parser.parse(text)
  local root = {kind = "root", children = {}}
  local open, position, line = {root}, 1, 1
  local counted = 1 -- how far `line` has counted
  while true do
    local start, stop, content, triple = tag_at(text, position)
    local children = open[#open].children
    if start == nil then
      children[#children + 1] = {kind = "text", text = text:sub(position)}
      break
    end
    line = line + select(2, text:sub(counted, start - 1):gsub("\n", ""))
    counted = start
    if stop == nil then
      fail(line, "a tag is never closed")
    end
    content = content:match("^%s*(.-)%s*$")
    local sign = not triple and content:match("^[#^/>!&]") or ""
    local text_stop, next_position = start - 1, stop + 1
    if sign ~= "" and sign ~= "&" then
      local line_start, line_stop = is_alone(text, start, stop)
      if line_start and line_start >= position then
        text_stop, next_position = line_start - 1, line_stop + 1
      end
    end
    children[#children + 1] = {kind = "text", text = text:sub(position, text_stop)}
    position = next_position

    if sign == "" or sign == "&" then
      children[#children + 1] = parse_value(content:match("^&?%s*(.*)$"), line, triple or sign == "&")
    elseif sign == "#" or sign == "^" then
      if #open > MAX_DEPTH then
        fail(line, "sections are more than %d deep", MAX_DEPTH)
      end
      local node = {kind = sign == "#" and "section" or "inverted", path = name_of(content, line), line = line, children = {}}
      children[#children + 1] = node
      open[#open + 1] = node
    elseif sign == "/" then
      local name = name_of(content, line)
      if open[#open].path ~= name then
        fail(line, "{{/%s}} closes nothing%s", name, open[#open].path and ": {{#" .. open[#open].path .. "}} is open" or "")
      end
      open[#open] = nil
    elseif sign == ">" then
      children[#children + 1] = {kind = "partial", path = name_of(content, line), line = line}
    end
  end
  if #open > 1 then
    fail(open[#open].line, "{{#%s}} is never closed", open[#open].path)
  end
  return root.children
end

return parser
