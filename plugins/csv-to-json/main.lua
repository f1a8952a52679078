-- SPDX-License-Identifier: Apache-2.0
-- CSV to rows: objects by column name, or arrays where there is no header.
local reader = require("reader")
local convert = require("convert")

local delimiters = {[","] = true, [";"] = true, ["\t"] = true, ["|"] = true}

local function option(context, name, default)
  local value = context[name]
  if value == nil or value == json.null then
    return default
  end
  if type(value) ~= type(default) then
    error(string.format("%s: expected a %s, got %s", name, type(default), json.encode(value)), 0)
  end
  return value
end

local function column_names(fields, line)
  local seen = {}
  for i, name in ipairs(fields) do
    if name == "" then
      error(string.format("line %d: column %d has no name", line, i), 0)
    elseif seen[name] then
      error(string.format("line %d: two columns are called %q", line, name), 0)
    end
    seen[name] = true
  end
  return fields
end

local function check_types(types, columns)
  local known = {}
  for _, name in ipairs(columns) do
    known[name] = true
  end
  for name, wanted in table.sorted_pairs(types) do
    if not convert[wanted] then
      error(string.format("types.%s: there is no type %s", name, json.encode(wanted)), 0)
    elseif not known[name] then
      error(string.format("types.%s: there is no such column", name), 0)
    end
  end
end

local function field_value(text, quoted, kind, options, line, column)
  if not quoted and options.trim then
    text = text:match("^%s*(.-)%s*$")
  end
  if text == "" and not quoted and (options.empty_as_null or (kind ~= "string" and kind ~= "auto")) then
    return json.null
  end
  local value = convert[kind](text)
  if value == nil then
    error(string.format("line %d, column %s: %q is no %s", line, column, text, kind), 0)
  end
  return value
end

return function(context)
  if type(context) ~= "table" or type(context.csv) ~= "string" then
    error("csv: expected the text of a CSV file", 0)
  end
  local delimiter = option(context, "delimiter", ",")
  if delimiter == "auto" then
    delimiter = reader.guess_delimiter(context.csv)
  elseif not delimiters[delimiter] then
    error("delimiter: expected \",\", \";\", \"|\", a tab or \"auto\", got " .. json.encode(delimiter), 0)
  end
  local options = {trim = option(context, "trim", false), empty_as_null = option(context, "empty_as_null", false)}
  local types = option(context, "types", {})
  local named = option(context, "header", true)

  local columns, width, rows = json.array(), nil, json.array()
  local function add_row(fields, quoted, line)
    if #fields ~= width then
      error(string.format("line %d: %d fields, where there should be %d", line, #fields, width), 0)
    end
    local row = named and {} or json.array()
    for i, text in ipairs(fields) do
      local column = named and columns[i] or i
      row[column] = field_value(text, quoted[i], types[column] or "string", options, line, column)
    end
    rows[#rows + 1] = row
  end

  reader.read(context.csv, delimiter, function(fields, quoted, line)
    if width == nil then
      width = #fields
      if named then
        columns = json.array(column_names(fields, line))
        check_types(types, columns)
        return
      end
    end
    add_row(fields, quoted, line)
  end)
  return {columns = columns, rows = rows, count = #rows}
end
