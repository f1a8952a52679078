-- SPDX-License-Identifier: Apache-2.0
-- Inside a line: code, links, images, emphasis, escapes and hard breaks. One pass from left to right; what
-- does not close stays text.
local html = require("html")

local MAX_DEPTH = 16 -- of emphasis and links inside each other; deeper ones stay text
local MAX_LABEL, MAX_TARGET = 1000, 2000 -- bytes of a link; bounds the search for its end

local inline = {}
local render -- (text, state, depth)

-- Where the run that closes one of `count` marks begins: not behind a space, and at least as long.
local function closing_mark(text, mark, count, from)
  local pattern = mark:rep(count):gsub("%W", "%%%0")
  local position = from
  while true do
    local start = text:find(pattern, position)
    if start == nil then
      return nil
    end
    local run_end = start + count - 1
    while text:sub(run_end + 1, run_end + 1) == mark do
      run_end = run_end + 1
    end
    local before = text:sub(start - 1, start - 1)
    local inside_word = mark == "_" and text:sub(run_end + 1, run_end + 1):find("%w")
    local exact = count == 2 or run_end - start + 1 ~= 2
    if start > from and not before:find("[%s\\]") and not inside_word and exact then
      return run_end - count + 1
    end
    position = run_end + 1
  end
end

local function emphasis(text, position, state, depth, hopeless)
  local mark = text:sub(position, position)
  local count = text:sub(position + 1, position + 1) == mark and 2 or 1
  local content = position + count
  if text:sub(content, content):find("^%s?$") or (mark == "_" and text:sub(position - 1, position - 1):find("%w")) then
    return nil
  end
  -- A mark that was sought in vain once is not sought again: that would be quadratic.
  local key = mark .. count
  if depth >= MAX_DEPTH or hopeless[key] then
    return nil
  end
  local close = closing_mark(text, mark, count, content)
  if close == nil then
    hopeless[key] = true
    return nil
  end
  local tag = count == 2 and "strong" or "em"
  local inner = render(text:sub(content, close - 1), state, depth + 1)
  return "<" .. tag .. ">" .. inner .. "</" .. tag .. ">", close + count
end

local function code_span(text, position)
  local ticks = text:match("^`+", position)
  local from = position + #ticks
  local search = from
  while true do
    local start, stop = text:find("`+", search)
    if start == nil then
      return nil
    end
    if stop - start + 1 == #ticks then
      local code = text:sub(from, start - 1):gsub("\n", " ")
      code = code:match("^ (.*[^ ].*) $") or code
      return "<code>" .. html.escape(code) .. "</code>", stop + 1
    end
    search = stop + 1
  end
end

-- "[label](address "title")" at `position`, which is that of "[". Labels may hold brackets that match.
local function link_parts(text, position)
  local label = text:sub(position, position + MAX_LABEL):match("^%b[]")
  if label == nil then
    return nil
  end
  local rest = position + #label
  local target = text:sub(rest, rest + MAX_TARGET):match("^%b()")
  if target == nil then
    return nil
  end
  local inner = target:sub(2, -2)
  local url, title = inner:match('^%s*<?([^%s>]*)>?%s+"(.*)"%s*$')
  url = url or inner:match("^%s*<?([^%s>]*)>?%s*$")
  if url == nil then
    return nil
  end
  return label:sub(2, -2), url, title, rest + #target
end

local function title_attribute(title)
  return title and ' title="' .. html.escape(title) .. '"' or ""
end

local function anchor(url, title, content, state)
  local safe = html.safe_url(url)
  if safe == nil then
    return content
  end
  local rel = state.nofollow and html.is_external(url) and ' rel="nofollow"' or ""
  return '<a href="' .. safe .. '"' .. title_attribute(title) .. rel .. ">" .. content .. "</a>"
end

local function link(text, position, state, depth)
  if depth >= MAX_DEPTH then
    return nil
  end
  local label, url, title, after = link_parts(text, position)
  if label == nil then
    return nil
  end
  return anchor(url, title, render(label, state, depth + 1), state), after
end

local function image(text, position)
  local label, url, title, after = link_parts(text, position + 1)
  if label == nil then
    return nil
  end
  local safe = html.safe_url(url)
  local alt = html.escape(label)
  return safe and '<img src="' .. safe .. '" alt="' .. alt .. '"' .. title_attribute(title) .. ">" or alt, after
end

local function autolink(text, position, state)
  local url = text:match("^<(https?://[^%s<>]+)>", position)
  if url then
    return anchor(url, nil, html.escape(url), state), position + #url + 2
  end
  local address = text:match("^<([%w.+_-]+@[%w.-]+)>", position)
  if address then
    return anchor("mailto:" .. address, nil, html.escape(address), state), position + #address + 2
  end
  return nil
end

local function escaped(text, position)
  local sign = text:match("^\\([%p\n])", position)
  if sign == "\n" then
    return "<br>\n", position + 2
  end
  return sign and html.escape(sign), position + 2
end

local handlers = {
  ["\\"] = escaped,
  ["`"] = code_span,
  ["*"] = emphasis,
  ["_"] = emphasis,
  ["["] = link,
  ["!"] = image,
  ["<"] = autolink,
}

render = function(text, state, depth)
  local parts, position, hopeless = {}, 1, {}
  while position <= #text do
    local special = text:find("[\\`*_%[!<]", position)
    local plain = text:sub(position, (special or #text + 1) - 1)
    parts[#parts + 1] = html.escape(plain):gsub("  +\n", "<br>\n")
    if special == nil then
      break
    end
    local sign = text:sub(special, special)
    local made, after = handlers[sign](text, special, state, depth, hopeless)
    if not made then
      -- The whole run of marks stays text, or "**a" would be tried again as "*a".
      local run = text:match("^[`*_]+", special) or sign
      made, after = html.escape(run), special + #run
    end
    parts[#parts + 1] = made
    position = after
  end
  return table.concat(parts)
end

-- HTML of a paragraph's text. `options.nofollow` marks links to other sites.
function inline.render(text, options)
  return render(text, {nofollow = options.nofollow}, 0)
end

return inline
