-- SPDX-License-Identifier: Apache-2.0
-- Markdown to HTML for text that strangers wrote: no HTML of theirs passes, no link can run a script.
local blocks = require("blocks")
local html = require("html")
local inline = require("inline")

local render_blocks -- (list, state, tight)

local function plain_text(markdown)
  return (markdown:gsub("!?%[([^%]]*)%]%b()", "%1"):gsub("[*_`\\]", ""):gsub("%s+", " "))
end

local function heading_id(text, taken)
  local id = text:lower():gsub("[^%w\x80-\xFF%s-]", ""):gsub("%s+", "-")
  id = id ~= "" and id or "section"
  taken[id] = (taken[id] or 0) + 1
  return taken[id] > 1 and id .. "-" .. taken[id] or id
end

local renderers = {}

function renderers.heading(block, state)
  local level = math.min(block.level + state.heading_offset, 6)
  local text = plain_text(block.text)
  local entry = {level = level, text = text}
  local attribute = ""
  if state.heading_ids then
    entry.id = heading_id(text, state.ids)
    attribute = ' id="' .. html.escape(entry.id) .. '"'
  end
  state.headings[#state.headings + 1] = entry
  return string.format("<h%d%s>", level, attribute) .. inline.render(block.text, state) .. string.format("</h%d>", level)
end

function renderers.paragraph(block, state, tight)
  local content = inline.render(block.text, state)
  return tight and content or "<p>" .. content .. "</p>"
end

function renderers.code(block)
  local class = block.language and ' class="language-' .. html.escape(block.language) .. '"' or ""
  local code = block.code ~= "" and html.escape(block.code) .. "\n" or ""
  return "<pre><code" .. class .. ">" .. code .. "</code></pre>"
end

function renderers.rule()
  return "<hr>"
end

function renderers.quote(block, state)
  return "<blockquote>\n" .. render_blocks(block.blocks, state) .. "\n</blockquote>"
end

function renderers.list(block, state)
  local tag = block.ordered and "ol" or "ul"
  local start = block.ordered and block.start ~= 1 and ' start="' .. block.start .. '"' or ""
  local items = {}
  for i, item in ipairs(block.items) do
    items[i] = "<li>" .. render_blocks(item, state, not block.loose) .. "</li>"
  end
  return "<" .. tag .. start .. ">\n" .. table.concat(items, "\n") .. "\n</" .. tag .. ">"
end

local function table_row(row, tag, block, state)
  local row_cells = {}
  for i, aligned in ipairs(block.aligned) do
    local style = aligned ~= "" and ' style="text-align: ' .. aligned .. '"' or ""
    row_cells[i] = "<" .. tag .. style .. ">" .. inline.render(row[i] or "", state) .. "</" .. tag .. ">"
  end
  return "<tr>" .. table.concat(row_cells) .. "</tr>"
end

function renderers.table(block, state)
  local rows = {"<thead>\n" .. table_row(block.header, "th", block, state) .. "\n</thead>", "<tbody>"}
  for _, row in ipairs(block.rows) do
    rows[#rows + 1] = table_row(row, "td", block, state)
  end
  return "<table>\n" .. table.concat(rows, "\n") .. "\n</tbody>\n</table>"
end

render_blocks = function(list, state, tight)
  local parts = {}
  for i, block in ipairs(list) do
    parts[i] = renderers[block.kind](block, state, tight)
  end
  return table.concat(parts, "\n")
end

local function split_lines(text)
  local lines = {}
  text = text:gsub("\r\n?", "\n"):gsub("%z", "\u{FFFD}")
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line:gsub("\t", "    ")
  end
  return lines
end

-- Words that a reader sees: neither tags nor addresses.
local function count_words(text)
  local visible = text:gsub("</t[dh]>", " "):gsub("<[^>]*>", ""):gsub("&%a+;", " ")
  local _, count = visible:gsub("[%w\x80-\xFF'_-]*[%w\x80-\xFF][%w\x80-\xFF'_-]*", "")
  return count
end

return function(context)
  if type(context) ~= "table" or type(context.markdown) ~= "string" then
    error("markdown: expected the text to convert", 0)
  end
  local offset = context.heading_offset
  if offset == nil or offset == json.null then
    offset = 0
  elseif math.type(offset) ~= "integer" or offset < 0 or offset > 5 then
    error("heading_offset: expected a whole number from 0 to 5, got " .. json.encode(offset), 0)
  end
  local state = {
    heading_offset = offset,
    heading_ids = context.heading_ids == true,
    nofollow = context.nofollow == true,
    headings = json.array(),
    ids = {},
  }
  local text = render_blocks(blocks.parse(split_lines(context.markdown), 0), state)
  return {
    html = text,
    title = state.headings[1] and state.headings[1].text or json.null,
    headings = state.headings,
    words = count_words(text),
  }
end
