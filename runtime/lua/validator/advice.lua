-- SPDX-License-Identifier: Apache-2.0
-- What to do instead of a name that plugins do not have. Names of Lua's own and of its common dialects; a name
-- that is not here is only told to be unknown. A library's row speaks for those of its members without one.
local no_files = "plugins have no files; pass data in `context` and return what you make"
local no_processes = "plugins cannot start processes"
local no_loader = "a plugin has its own modules only: put the file into the plugin and use `require`"
local no_code = "a plugin's code is what was validated; use functions and tables instead of text"
local inside = "a plugin cannot look into the interpreter"
local operators = "Lua 5.4 has operators: &, |, ~, << and >>"
local old_math = "Lua 5.4 no longer has it; use `x ^ y` and the other functions of `math`"
local jit = "plugins run on Lua 5.4, which is not LuaJIT"
local collector = "the collector needs no steering; `collectgarbage(\"count\")` tells the memory in use"

return {
   arg = "what the caller sends is in `context`",
   bit = operators,
   bit32 = operators,
   cjson = "use `json`",
   collectgarbage = collector,
   coroutine = "this policy has no coroutines",
   debug = inside .. ", but for `debug.traceback`",
   dkjson = "use `json`",
   dofile = no_loader,
   ffi = jit,
   getfenv = "Lua 5.4 has `_ENV` instead",
   io = no_files,
   ["io.read"] = "plugins have no input but `context`",
   ["io.write"] = "use `log.info` or `print` for messages, and `return` for the output",
   jit = jit,
   load = no_code,
   loadfile = no_loader,
   loadstring = no_code,
   ["math.cosh"] = old_math,
   ["math.frexp"] = old_math,
   ["math.ldexp"] = old_math,
   ["math.log10"] = "use `math.log(x, 10)`",
   ["math.mod"] = "use `math.fmod` or the operator %",
   ["math.pow"] = "use the operator ^",
   ["math.sinh"] = old_math,
   ["math.tanh"] = old_math,
   module = "a module returns its table: `local M = {} ... return M`",
   newproxy = "Lua 5.4 no longer has it; use `setmetatable`",
   ngx = "plugins do not run in nginx; what the caller sends is in `context`",
   ["os.execute"] = no_processes,
   ["os.exit"] = "`return` ends a plugin, `error` fails it",
   ["os.getenv"] = "plugins have no environment variables; pass settings in `context`",
   ["os.remove"] = no_files,
   ["os.rename"] = no_files,
   ["os.setlocale"] = "the locale is always C",
   ["os.tmpname"] = no_files,
   package = no_loader,
   popen = no_processes,
   redis = "plugins do not run in Redis; what the caller sends is in `context`",
   setfenv = "Lua 5.4 has `_ENV` instead",
   socket = "plugins have no network; pass data in `context`",
   ["string.dump"] = "plugins have no bytecode",
   ["string.gfind"] = "use `string.gmatch`",
   ["table.foreach"] = "use `for k, v in pairs(t)`",
   ["table.foreachi"] = "use `for i, v in ipairs(t)`",
   ["table.getn"] = "use `#t`",
   ["table.maxn"] = "use `#t`",
   unpack = "use `table.unpack`",
   warn = "use `log.warn`",
   ["io.popen"] = no_processes,
   ["package.loadlib"] = "plugins cannot load native code",
}
