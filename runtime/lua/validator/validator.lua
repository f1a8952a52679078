-- SPDX-License-Identifier: Apache-2.0
-- Looks at the modules of a plugin, all of which compile, and lists what is wrong or doubtful. Runs in a worker
-- that has nothing but this and luacheck; the sources are hostile.
local check_state = require "luacheck.check_state"
local core_utils = require "luacheck.core_utils"
local filter = require "luacheck.filter"
local format = require "luacheck.format"
local stages = require "luacheck.stages"
local codes = require "validator.codes"
local environment = require "validator.environment"
local globals = require "validator.globals"
local modules = require "validator.modules"

-- Luacheck's own view of globals is replaced by ours, and its standards by the policy's environment.
local options = {std = {}, self = false, max_line_length = false}
local standards = {}

local function is_about_globals(warning)
   return warning.code:find("^1") ~= nil
end

-- A variable that is there to be closed is used by being there.
local function is_closed_variable(warning, lines)
   local line = (warning.code == "211" or warning.code == "231") and lines[warning.line]
   local after = line and utf8.len(line) and utf8.offset(line, warning.end_column + 1)
   return after and line:find("^%s*<%s*close%s*>", after) ~= nil
end

-- The lines that have something like `<close>` in them, by number.
local function closing_lines(source)
   local closing, number = {}, 0
   for line in (source .. "\n"):gmatch("(.-)\r?\n") do
      number = number + 1
      closing[number] = line:find("<%s*close%s*>") and line or nil
   end
   return closing
end

-- Fills in `found` and `report`, all that is kept of a module's syntax tree.
local function look_at(module, setup)
   local state = check_state.new(module.source)
   stages.run(state)
   module.found = globals.follow(state, setup.environment)
   local warnings, lines = {}, closing_lines(module.source)
   for _, warning in ipairs(state.warnings) do
      if not is_about_globals(warning) and warning.name ~= "_ENV" and not is_closed_variable(warning, lines) then
         table.insert(warnings, warning)
      end
   end
   module.report = {
      warnings = warnings,
      inline_options = state.inline_options,
      line_lengths = state.line_lengths,
      line_endings = state.line_endings,
   }
end

-- Errors are told whatever comments say; warnings go through luacheck's filter, which heeds them.
local function resolve_candidates(module, shared, setup, report)
   local warnings = module.report.warnings
   for _, candidate in ipairs(module.found.candidates) do
      local missing, root = candidate.missing, candidate.root
      if not shared.defined[missing] and not shared.defined[root] then
         local code, message = setup.environment:explain(missing, root, setup.closest)
         if candidate.soft or shared.dynamic or candidate.copied and code == "forbidden_global" then
            candidate.code, candidate.name, candidate.message = "113", missing, message
            table.insert(warnings, candidate)
         else
            report.error(module, code, candidate, message)
         end
      end
   end
   for _, write in ipairs(module.found.writes) do
      write.code = "111"
      table.insert(warnings, write)
   end
   for _, place in ipairs(module.found.finalizers) do
      report.error(module, "finalizer", place, "`setmetatable` refuses __gc: plugins have no finalizers; use `<close>`")
   end
   core_utils.sort_by_location(warnings)
end

local function report_warnings(module, report)
   for _, warning in ipairs(filter.filter({module.report}, options, standards)[1]) do
      local code = codes[warning.code]
      if code then
         report.warning(module, code, warning, warning.message or format.get_message(warning))
      end
   end
end

local function not_analysed(module, report, problem)
   local deep = type(problem) == "table" and problem.err or problem
   deep = type(deep) == "string" and deep:find("overflow", 1, true) ~= nil
   local place = {}
   if type(problem) == "table" and type(problem.err) == "table" and problem.err.line then
      place.line = problem.err.line
   end
   report.error(module, "not_analysed", place, deep and "nested too deeply to be checked: split the longest expression"
      or "this is valid Lua that the checker cannot read; write it in a plainer way")
end

-- An inline option is a pattern of its author's: one that is none must not cost them the rest.
local function report_filtered(module, report)
   if pcall(report_warnings, module, report) then
      return
   end
   local first = module.report.inline_options[1]
   module.report.inline_options = {}
   report.warning(module, "inline_option", first or {},
      "a `-- luacheck:` comment has a malformed pattern; all of them are passed over")
   local good, problem = pcall(report_warnings, module, report)
   if not good then
      not_analysed(module, report, problem)
   end
end

local function share(checked)
   local shared = {defined = {}, dynamic = false}
   for _, module in ipairs(checked) do
      if module.found then
         shared.dynamic = shared.dynamic or module.found.dynamic
         for name in pairs(module.found.defined) do
            shared.defined[name] = true
         end
      end
   end
   return shared
end

local function in_order(a, b)
   if a.module ~= b.module then
      return a.module < b.module
   elseif a.line ~= b.line then
      return a.line < b.line
   elseif a.column ~= b.column then
      return a.column < b.column
   elseif a.code ~= b.code then
      return a.code < b.code
   end
   return a.message < b.message
end

-- A name may hold any byte, and a message is a line of text.
local function as_line(message)
   return (message:gsub("%c", function(byte)
      return ("\\%d"):format(byte:byte())
   end))
end

-- Collects what is found: report.error and report.warning take (module, code, place, message).
local function new_report()
   local report = {errors = {}, warnings = {}}
   local function adder(list)
      return function(module, code, place, message)
         table.insert(list, {
            module = module.index,
            code = code,
            message = as_line(message),
            line = place.line or 0,
            column = place.column or 0,
            end_column = place.end_column and place.end_column + 1 or 0,
         })
      end
   end
   report.error, report.warning = adder(report.errors), adder(report.warnings)
   return report
end

-- At most `most`, errors before warnings, in the order of the text, and how many are left out.
local function pick(report, most)
   table.sort(report.errors, in_order)
   table.sort(report.warnings, in_order)
   local errors = math.min(#report.errors, most)
   local picked = table.move(report.errors, 1, errors, 1, {})
   table.move(report.warnings, 1, math.min(#report.warnings, most - errors), errors + 1, picked)
   table.sort(picked, in_order)
   return picked, #report.errors + #report.warnings - #picked
end

local function look_at_all(sources, setup, report)
   local checked = {}
   for i, source in ipairs(sources) do
      local module = {index = i, name = source.name, source = source.source}
      checked[i] = module
      if module.source then
         local good, problem = pcall(look_at, module, setup)
         if not good then
            module.found, module.report = nil, nil
            not_analysed(module, report, problem)
         end
         module.source = nil
      end
   end
   return checked
end

-- `sources`: {name, source} of each module, the entry first; source is nil for one that does not compile.
-- `allowed`: what the policy called `policy` allows, as "pairs" and "string.rep"; `known`: what any may.
-- Returns a sorted array of at most `most` {module (its index), code, message, line, column, end_column}, and
-- how many were left out. A line or column of 0: it has none. `end_column` is the one after what it is about.
return function(sources, policy, allowed, known, closest, most)
   local setup = {environment = environment.new(policy, allowed, known), closest = closest}
   local report = new_report()
   local checked = look_at_all(sources, setup, report)
   local shared = share(checked)
   for _, module in ipairs(checked) do
      if module.report then
         resolve_candidates(module, shared, setup, report)
         report_filtered(module, report)
      end
   end
   if setup.environment.fields.require then
      modules.check(checked, setup, report)
   end
   return pick(report, most)
end
