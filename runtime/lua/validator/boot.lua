-- SPDX-License-Identifier: Apache-2.0
-- The first chunk of a validator's image. Luacheck, as a program, uses a little of what is not there; as a
-- library it needs only these. Its standards are for other hosts than ours.
package = {config = "/\n"} -- luacheck: globals package
debug = {getmetatable = getmetatable, traceback = function() return "" end} -- luacheck: globals debug

local loaded = {["luacheck.builtin_standards"] = {}}
local load_chunk = ...

-- luacheck: globals require
function require(name)
   local value = loaded[name]
   if value == nil then
      value = load_chunk(name)()
      loaded[name] = value == nil and true or value
   end
   return value
end

return require "validator.validator"
