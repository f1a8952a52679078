-- SPDX-License-Identifier: Apache-2.0
-- Follows every use of a global through one module's syntax tree, as luacheck's stages left it: names that
-- plugins do not have, writes, what is only tested for being there, `require`, and finalizers.
--
-- Whether a name is there can be told only when all modules were seen, since they share their globals; so what
-- is missing here is kept as a candidate. Once a name was tested (`if jit then`, `unpack or table.unpack`), its
-- uses to the end of that block are taken to know what they do.
local Walk = {}
Walk.__index = Walk

local tests_an_operand = {["and"] = true, ["or"] = true, ["not"] = true, eq = true, ne = true}

-- The names along `_G.string.rep`, also where a local stands for a part of it; nil if it is no global's.
-- The second result tells how many of them the local stands for, the third whether all keys were constant.
local function path_of(node)
   if node.tag == "Id" then
      return not node.var and {node[1]} or nil, nil, true
   end
   local resolution = node.resolution
   if type(resolution) ~= "table" or resolution.tag or not resolution[1] then
      return nil
   end
   local path = {resolution[1][1]}
   for i = 2, #resolution do
      local key = resolution[i]
      if type(key) ~= "table" or key.tag ~= "String" then
         return path, resolution.previous_indexing_len, false
      end
      path[i] = key[1]
   end
   return path, resolution.previous_indexing_len, true
end

-- The names along a global that a local has as its only value.
local function copied_path(node)
   local values = node.var.values
   local only = values and #values == 1 and values[1].node
   return only and path_of(only) or nil
end

-- The name of the global that a function expression is, also through `local require = require`.
local function global_name(node)
   if node.tag ~= "Id" then
      return nil
   elseif not node.var then
      return node[1]
   end
   local values = node.var.values
   local only = values and #values == 1 and values[1].node
   return only and only.tag == "Id" and not only.var and only[1] or nil
end

local function without_g(path, environment)
   local first = 1
   while path[first] == "_G" and environment.fields._G and path[first + 1] do
      first = first + 1
   end
   return table.move(path, first, #path, 1, {})
end

function Walk:place(node)
   local state = self.state
   return {
      line = node.line,
      column = state:offset_to_column(node.line, node.offset),
      end_column = state:offset_to_column(node.line, node.end_offset),
   }
end

function Walk:note(list, node, fields)
   local entry = self:place(node)
   for key, value in pairs(fields) do
      entry[key] = value
   end
   table.insert(list, entry)
end

-- `how` a value is used: "tested" for being there, "copied" to a local, "called", or nil. The first two go
-- without a failure where it is the value itself that is not there, and not what it would be a member of.
function Walk:need(node, path, how)
   path = without_g(path, self.environment)
   local missing, root = self.environment:missing(path)
   if not missing then
      return
   end
   local is_last = #path == (self.environment.fields[root] == nil and 1 or 2)
   local soft = self.guards[missing] or self.guards[root] or how == "tested" and is_last
   if how == "tested" then
      self.guards[missing] = true
   end
   self:note(self.found.candidates, node,
      {missing = missing, root = root, soft = soft and true or false, copied = how == "copied" and is_last})
end

function Walk:read(node, how)
   local path, alias_length = path_of(node)
   if not path or path[1] == "_ENV" then
      self.found.dynamic = self.found.dynamic or path ~= nil
      return
   end
   local copied = alias_length and table.move(path, 1, alias_length, 1, {})
   local missing, root
   if copied then
      missing, root = self.environment:missing(copied)
   end
   -- What is forbidden is told where it is used; what nobody knows, where the local got its value.
   if not missing or self.environment:forbids(missing, root) then
      self:need(node, path, how)
   end
end

-- A local that stands for a missing global: copying it told nothing.
function Walk:read_local(node, how)
   local path = copied_path(node)
   local missing = path and path[1] ~= "_ENV" and self.environment:missing(without_g(path, self.environment))
   if missing and how == "tested" then
      self.guards[missing] = true
   elseif missing and how == "called" then
      self:need(node, path, how)
   end
end

-- A chain of indexings, without recursion along it: chains can be long.
function Walk:chain(node, how)
   self:read(node, how)
   while node.tag == "Index" do
      if node[2].tag ~= "String" then
         self:expression(node[2])
      end
      node = node[1]
   end
   if node.tag ~= "Id" then
      self:expression(node)
   end
end

function Walk:define(name, node, message)
   self.found.defined[name] = true
   if not self.written[name] then
      self.written[name] = true
      self:note(self.found.writes, node, {name = name, message = message})
   end
end

local function global_write_message(name, environment)
   if environment.fields[name] ~= nil then
      return ("replaces the global `%s` for all of the plugin; use a local of another name"):format(name)
   end
   return ("writes to the global `%s`; declare it with `local`"):format(name)
end

function Walk:write(node)
   local path, _, constant = path_of(node)
   if not path then
      self:chain(node)
      return
   end
   if path[1] == "_ENV" or path[1] == "_G" and not constant and #path == 1 then
      self.found.dynamic = true
   end
   local short = without_g(path, self.environment)
   local member = self.environment.fields[short[1]]
   if not constant or short[1] == "_G" or short[1] == "context" then
      self:chain(node)
   elseif #short == 1 then
      if short[1] ~= "result" then
         self:define(short[1], node, global_write_message(short[1], self.environment))
      end
   elseif #short == 2 and type(member) == "table" then
      local name = short[1] .. "." .. short[2]
      self:define(name, node, ("changes the library `%s` for all of the plugin; use a local function"):format(short[1]))
   else
      self:chain(node[1])
   end
end

function Walk:call(node)
   local name = global_name(node[1])
   local first, second = node[2], node[3]
   if name == "require" then
      local known = #node == 2 and first.tag == "String"
      self:note(self.found.requires, node,
         {target = known and first[1] or nil, at_start = self.function_depth == 0 and self.branch_depth == 0})
   elseif (name == "setmetatable" or name == "rawset") and first and global_name(first) == "_G" then
      if name == "rawset" and second and second.tag == "String" then
         self:define(second[1], node, global_write_message(second[1], self.environment))
      else
         self.found.dynamic = true
      end
   end
   if name == "setmetatable" and second and second.tag == "Table" then
      for _, item in ipairs(second) do
         if item.tag == "Pair" and item[1].tag == "String" and item[1][1] == "__gc" then
            self:note(self.found.finalizers, item[1], {})
         end
      end
   end
   self:expression(node[1], "called")
   for i = 2, #node do
      self:expression(node[i], name == "type" and "tested" or nil)
   end
end

function Walk:expression(node, how)
   local tag = node.tag
   if tag == "Id" then
      if not node.var then
         self:read(node, how)
         if node[1] == "require" and how ~= "called" then
            self.found.requires_any = true
         end
      elseif node[1] == "_ENV" then
         self.found.dynamic = true
      else
         self:read_local(node, how)
      end
   elseif tag == "Index" then
      self:chain(node, how)
   elseif tag == "Call" then
      self:call(node)
   elseif tag == "Invoke" then
      self:expression(node[1])
      for i = 3, #node do
         self:expression(node[i])
      end
   elseif tag == "Function" then
      self:body(node)
   elseif tag == "Op" then
      local tests = tests_an_operand[node[1]] and "tested" or nil
      self:expression(node[2], tests)
      if node[3] then
         self:expression(node[3], tests)
      end
   elseif tag == "Paren" then
      self:expression(node[1], how)
   elseif tag == "Table" then
      self:expressions(node)
   elseif tag == "Pair" then
      self:expression(node[1])
      self:expression(node[2])
   end
end

function Walk:expressions(nodes)
   for _, node in ipairs(nodes or {}) do
      self:expression(node)
   end
end

function Walk:body(node)
   self.function_depth = self.function_depth + 1
   for _, argument in ipairs(node[1]) do
      self.found.dynamic = self.found.dynamic or argument[1] == "_ENV"
   end
   self:block(node[2])
   self.function_depth = self.function_depth - 1
end

function Walk:branch(statements)
   self.branch_depth = self.branch_depth + 1
   self:block(statements)
   self.branch_depth = self.branch_depth - 1
end

local statements = {}

function statements.Set(walk, node)
   walk:expressions(node[2])
   for _, target in ipairs(node[1]) do
      if target.tag == "Id" and target.var then
         walk.found.dynamic = walk.found.dynamic or target[1] == "_ENV"
      else
         walk:write(target)
      end
   end
end

function statements.Local(walk, node)
   for _, value in ipairs(node[2] or {}) do
      walk:expression(value, "copied")
   end
   for _, variable in ipairs(node[1]) do
      walk.found.dynamic = walk.found.dynamic or variable[1] == "_ENV"
   end
end

statements.Localrec = statements.Local

function statements.If(walk, node)
   for i, part in ipairs(node) do
      if part.tag then
         walk:expression(part, "tested")
      else
         walk:branch(node[i])
      end
   end
end

function statements.While(walk, node)
   walk:expression(node[1], "tested")
   walk:branch(node[2])
end

function statements.Repeat(walk, node)
   walk:branch(node[1])
   walk:expression(node[2], "tested")
end

function statements.Fornum(walk, node)
   for i = 2, #node - 1 do
      walk:expression(node[i])
   end
   walk:branch(node[#node])
end

function statements.Forin(walk, node)
   walk:expressions(node[2])
   walk:branch(node[3])
end

function statements.Do(walk, node)
   walk:block(node)
end

function statements.Return(walk, node)
   walk:expressions(node)
end

function Walk:block(nodes)
   local outer = self.guards
   self.guards = setmetatable({}, {__index = outer})
   for _, node in ipairs(nodes) do
      local statement = statements[node.tag]
      if statement then
         statement(self, node)
      elseif node.tag == "Call" or node.tag == "Invoke" then
         self:expression(node)
      end
   end
   self.guards = outer
end

local globals = {}

-- What the module whose checked state this is does with globals:
-- `candidates` {missing, root, soft, copied}, `writes` {name, message}, `requires` {target, at_start} and `finalizers`,
-- each with its place; `defined` names; `dynamic`: globals change in ways that cannot be followed.
function globals.follow(state, environment)
   local walk = setmetatable({
      state = state,
      environment = environment,
      guards = {},
      written = {},
      function_depth = 0,
      branch_depth = 0,
      found = {candidates = {}, writes = {}, requires = {}, finalizers = {}, defined = {}, dynamic = false},
   }, Walk)
   walk:block(state.ast)
   return walk.found
end

return globals
