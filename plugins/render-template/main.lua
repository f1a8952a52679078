-- SPDX-License-Identifier: Apache-2.0
-- Mustache templates: values, sections, inverted sections, partials and filters.
local parser = require("parser")
local filters = require("filters")

local MAX_PARTIAL_DEPTH = 20

local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;"}

local function lookup_name(stack, name)
  for i = #stack, 1, -1 do
    local scope = stack[i]
    if type(scope) == "table" and scope ~= json.null then
      local value = scope[math.tointeger(tonumber(name)) and math.tointeger(tonumber(name)) + 1 or name]
      if value ~= nil then
        return value
      end
    end
  end
  return nil
end

-- "a.b.c": the first name is looked for from the innermost scope outwards, the others inside what it gave.
local function lookup(stack, path)
  if path == "." then
    return stack[#stack]
  end
  local value
  for name in path:gmatch("[^.]+") do
    if value == nil then
      value = lookup_name(stack, name)
    else
      value = lookup_name({value}, name)
    end
    if value == nil then
      return nil
    end
  end
  if value == json.null then
    return nil
  end
  return value
end

local function is_list(value)
  return type(value) == "table" and (#value > 0 or next(value) == nil)
end

local render -- (nodes, state)

local function note_missing(state, node)
  if state.strict then
    error("template line " .. node.line .. ": there is no " .. node.path .. " in the data", 0)
  end
  if not state.seen_missing[node.path] then
    state.seen_missing[node.path] = true
    state.missing[#state.missing + 1] = node.path
  end
end

local renderers = {}

function renderers.text(node, state)
  state.out[#state.out + 1] = node.text
end

function renderers.value(node, state)
  local value = lookup(state.stack, node.path)
  local first = node.filters[1]
  if value == nil and not (first and first.name == "default") then
    note_missing(state, node)
  end
  local text = filters.text_of(filters.apply(node.filters, value, node.line))
  if state.escape and not node.raw then
    text = text:gsub("[&<>\"']", entities)
  end
  state.out[#state.out + 1] = text
end

local function render_in(scope, node, state)
  state.stack[#state.stack + 1] = scope
  render(node.children, state)
  state.stack[#state.stack] = nil
end

function renderers.section(node, state)
  local value = lookup(state.stack, node.path)
  if not value or value == "" then
    return
  elseif is_list(value) then
    for _, item in ipairs(value) do
      render_in(item, node, state)
    end
  else
    render_in(value, node, state)
  end
end

function renderers.inverted(node, state)
  local value = lookup(state.stack, node.path)
  if not value or value == "" or (is_list(value) and #value == 0) then
    render(node.children, state)
  end
end

function renderers.partial(node, state)
  local text = state.partials[node.path]
  if type(text) ~= "string" then
    error("template line " .. node.line .. ": there is no partial " .. node.path, 0)
  elseif state.depth == MAX_PARTIAL_DEPTH then
    error("template line " .. node.line .. ": partials are more than " .. MAX_PARTIAL_DEPTH .. " deep", 0)
  end
  local tree = state.parsed[node.path]
  if tree == nil then
    tree = parser.parse(text)
    state.parsed[node.path] = tree
  end
  state.depth = state.depth + 1
  render(tree, state)
  state.depth = state.depth - 1
end

render = function(nodes, state)
  for _, node in ipairs(nodes) do
    renderers[node.kind](node, state)
  end
end

return function(context)
  if type(context) ~= "table" or type(context.template) ~= "string" then
    error("template: expected the text of a template", 0)
  end
  local escape = context.escape
  if escape ~= nil and escape ~= "html" and escape ~= "none" then
    error("escape: expected \"html\" or \"none\", got " .. json.encode(escape), 0)
  end
  local partials = context.partials
  if partials == nil or partials == json.null then
    partials = {}
  elseif type(partials) ~= "table" then
    error("partials: expected an object of templates by name", 0)
  end
  local state = {
    out = {},
    stack = {context.data},
    partials = partials,
    parsed = {},
    depth = 0,
    escape = escape ~= "none",
    strict = context.strict == true,
    missing = json.array(),
    seen_missing = {},
  }
  render(parser.parse(context.template), state)
  return {text = table.concat(state.out), missing = state.missing}
end
