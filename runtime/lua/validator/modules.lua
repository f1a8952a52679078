-- SPDX-License-Identifier: Apache-2.0
-- How the modules of a plugin require each other.
local modules = {}

local function quoted(names)
   return "'" .. table.concat(names, "', '") .. "'"
end

-- The modules that `require` can name: all but the entry, which is no module.
local function names_of(checked)
   local names = {}
   for i = 2, #checked do
      names[i - 1] = checked[i].name
   end
   return names
end

local function missing_message(target, names, setup)
   if setup.environment.libraries[target] then
      return ("there is no module '%s' to require: `%s` is there without it"):format(target, target)
   elseif #names == 0 then
      return ("there is no module '%s': this plugin has one module only"):format(target)
   end
   local close = setup.closest(target, names)
   return ("there is no module '%s': this plugin has %s%s"):format(target, quoted(names),
      close and ("; did you mean '%s'?"):format(close) or "")
end

local function check_targets(checked, by_name, setup, report)
   local names = names_of(checked)
   for _, module in ipairs(checked) do
      for _, use in ipairs(module.found and module.found.requires or {}) do
         if use.target and not by_name[use.target] then
            report.error(module, "unknown_module", use, missing_message(use.target, names, setup))
         end
      end
   end
end

-- Only what runs whenever the module is loaded counts: a `require` in a function may come when all is there.
local function check_cycles(checked, by_name, report)
   local state = {} -- by module: true while on the way, false when done
   local way = {}
   local function visit(module)
      state[module] = true
      table.insert(way, module.name)
      for _, use in ipairs(module.found and module.found.requires or {}) do
         local target = use.at_start and by_name[use.target]
         if target and state[target] then
            local first = 1
            while way[first] ~= target.name do
               first = first + 1
            end
            report.error(module, "module_cycle", use, ("module '%s' requires itself: %s -> %s"):format(target.name,
               table.concat(way, " -> ", first), target.name))
         elseif target and state[target] == nil then
            visit(target)
         end
      end
      table.remove(way)
      state[module] = false
   end
   for _, module in ipairs(checked) do
      if state[module] == nil then
         visit(module)
      end
   end
end

local function check_unused(checked, report)
   local required = {}
   for _, module in ipairs(checked) do
      if not module.found or module.found.requires_any then
         return -- what it requires cannot be told
      end
      for _, use in ipairs(module.found.requires) do
         if not use.target then
            return
         end
         required[use.target] = true
      end
   end
   for i = 2, #checked do
      if not required[checked[i].name] then
         report.warning(checked[i], "unused_module", {}, ("no module requires '%s'"):format(checked[i].name))
      end
   end
end

-- `checked`: the plugin's modules, the entry first, each {name, found} as globals.follow gave it (nil where it
-- could not).
function modules.check(checked, setup, report)
   local by_name = {}
   for i = 2, #checked do
      by_name[checked[i].name] = checked[i]
   end
   check_targets(checked, by_name, setup, report)
   check_cycles(checked, by_name, report)
   check_unused(checked, report)
end

return modules
