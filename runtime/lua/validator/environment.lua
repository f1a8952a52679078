-- SPDX-License-Identifier: Apache-2.0
-- What plugins have under one policy, from the table that the environment itself is built from, and what to say
-- of anything else.
local advice = require "validator.advice"

local Environment = {}
Environment.__index = Environment

-- The first name of `path` (an array of names) that plugins do not have, as a reader would write it, and the
-- global that it begins with; nil if all are there. Below a library's members everything is.
function Environment:missing(path)
   local root, name = path[1], path[2]
   local member = self.fields[root]
   if member == nil then
      return name and root .. "." .. name or root, root
   elseif name and type(member) == "table" and not member[name] then
      return root .. "." .. name, root
   end
end

function Environment:forbids(missing, root)
   return self.known[missing] or self.known[root] or advice[missing] or advice[root]
end

-- Code and message for a name that is missing.
function Environment:explain(missing, root, closest)
   local instead = advice[missing] or self.fields[root] == nil and advice[root] or nil
   if self:forbids(missing, root) then
      local denied = self.known[missing] and (" under policy \"%s\""):format(self.policy) or ""
      local close = not instead and not self.known[missing] and closest(missing, self.names)
      instead = instead or close and ("did you mean `%s`?"):format(close)
      return "forbidden_global",
         ("`%s` is not available%s%s"):format(missing, denied, instead and ": " .. instead or "")
   end
   local close = closest(missing, self.names)
   return "undefined_global", ("`%s` is not defined%s"):format(missing,
      close and (": did you mean `%s`?"):format(close) or ": nothing assigns it, and plugins do not have it")
end

local environment = {}

-- `allowed`: names such as "pairs" and "string.rep" that the policy allows; `known`: all that any policy may.
function environment.new(policy, allowed, known)
   local self = setmetatable({
      policy = policy,
      fields = {context = true, result = true},
      libraries = {},
      names = {"context", "result"},
      known = {},
   }, Environment)
   for _, text in ipairs(allowed) do
      local library, name = text:match("^(.-)%.(.*)$")
      if library then
         self.fields[library] = self.fields[library] or {}
         self.fields[library][name] = true
         self.libraries[library] = true
      else
         self.fields[text] = true
      end
      table.insert(self.names, text)
   end
   for _, text in ipairs(known) do
      self.known[text] = true
      self.known[text:match("^[^.]*")] = true
   end
   return self
end

return environment
