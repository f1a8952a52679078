# SPDX-License-Identifier: Apache-2.0
"""Pure-Lua libraries of other people's run inside unchanged: what Debian packages install, each as modules of a plugin
with a small adapter as its entry. Where a library is missing, the host lacks it (`./dev test` installs them)."""

import json
import pathlib
import sys
import unittest

import cli

LUA = pathlib.Path("/usr/share/lua")

# What libraries of Lua 5.1's or of programs with files expect to find; none of it reaches anything.
STAND_INS = """
package = {config = "/\\n;\\n?\\n!\\n-\\n", loaded = {}, path = "", cpath = ""}
io = {stdout = setmetatable({}, {}), stderr = setmetatable({}, {}), type = function() end}
unpack = table.unpack
"""


PENLIGHT = {f"pl.{name}": f"5.4/pl/{name}.lua" for name in (
    "class", "List", "Map", "OrderedMap", "compat", "lexer", "pretty", "stringx", "tablex", "template", "types", "utils")}


# Package, modules, policy, adapter, context, expected output.
LIBRARIES = {
    "dkjson, JSON": (
        "lua-dkjson", {"dkjson": "5.4/dkjson.lua"}, "default",
        """local json = require("dkjson")
        local value = json.decode(context.text)
        return {again = json.encode(value, {keyorder = {"name", "list"}}), sum = value.list[1] + value.list[2],
                problem = select(3, json.decode("{")), null = value.nothing == json.null}""",
        {"text": '{"name":"J\\u00fcrgen","list":[1,2.5],"deep":{"a":[[]]}}'},
        {"again": '{"name":"Jürgen","list":[1,2.5],"deep":{"a":[[]]}}', "sum": 3.5,
         "problem": "unterminated object at line 1, column 1", "null": False}),
    "markdown.lua, of Lua 5.1": (
        "lua-markdown", {"markdown": "5.1/markdown.lua"}, "default",
        STAND_INS + """
        function setfenv() end -- it wants an environment of its own, which sees the globals; they do as well
        require("markdown")
        return markdown(context)""",
        "# Title\n\nSome *emphasis* and `code <b>`.\n\n* one\n* two\n\n[link](http://example.org/?a=b&c)\n",
        '\n<h1>Title</h1>\n\n<p>Some <em>emphasis</em> and <code>code &lt;b&gt;</code>.</p>\n\n<ul>\n    <li>one</li>\n'
        '    <li>two</li>\n</ul>\n\n<p><a href="http://example.org/?a=b&amp;c">link</a></p>\n\n'),
    "inspect.lua": (
        "lua-inspect", {"inspect": "5.3/inspect.lua"}, "default",
        """local inspect = require("inspect")
        local value = {1, 2, name = "x\\n", inner = {a = true}}
        value.self = value
        return inspect(value)""",
        None, '<1>{ 1, 2,\n  inner = {\n    a = true\n  },\n  name = "x\\n",\n  self = <table 1>\n}'),
    "penlight's classes and lists": (
        "lua-penlight", PENLIGHT, "default",
        STAND_INS + """
        local class, List, OrderedMap = require("pl.class"), require("pl.List"), require("pl.OrderedMap")
        local Animal = class()
        function Animal:_init(name) self.name = name end
        function Animal:__tostring() return self.name .. ": " .. self:speak() end
        local Cat = class(Animal)
        function Cat:speak() return "meow" end
        local cat, numbers, map = Cat("Felix"), List(context), OrderedMap()
        map:set("z", 1) map:set("a", 2)
        return {cat = tostring(cat), is = Animal:class_of(cat), sorted = {table.unpack(numbers:sorted())},
                squares = {table.unpack(numbers:map(function(x) return x * x end))}, keys = {table.unpack(map:keys())}}""",
        [3, 1, 2], {"cat": "Felix: meow", "is": True, "sorted": [1, 2, 3], "squares": [9, 1, 4], "keys": ["z", "a"]}),
    "penlight's templates": (
        "lua-penlight", PENLIGHT, "trusted",
        STAND_INS + """
        local template = require("pl.template")
        local text, problem = template.substitute(context.template, {names = context.names, ipairs = ipairs})
        return text or error(problem)""",
        {"template": "# for i, name in ipairs(names) do\n$(i). Hello, $(name)!\n# end\n", "names": ["Ada", "Bob"]},
        "1. Hello, Ada!\n2. Hello, Bob!\n"),
    "penlight's strings and pretty printer": (
        "lua-penlight", PENLIGHT, "default",
        STAND_INS + """
        local stringx = require("pl.stringx")
        return {words = {table.unpack(stringx.split("a b  c"))}, title = stringx.title("hello world"),
                padded = stringx.center("x", 5, "-"), short = stringx.shorten("something long", 10)}""",
        None, {"words": ["a", "b", "c"], "title": "Hello World", "padded": "--x--", "short": "somethi..."}),
    "argparse": (
        "lua-argparse", {"argparse": "5.4/argparse.lua"}, "default",
        STAND_INS + """
        local parser = require("argparse")("tool", "Does things.")
        parser:argument("input"):args("+")
        parser:option("-o --output", "Where to.", "out")
        parser:flag("-v --verbose"):count("*")
        local ok, answer = parser:pparse(context)
        local refused, problem = parser:pparse({"--wrong"})
        return {ok = ok, answer = answer, refused = not refused, problem = problem, usage = parser:get_usage()}""",
        ["-vv", "a", "b", "--output=x"],
        {"ok": True, "answer": {"input": ["a", "b"], "output": "x", "verbose": 2}, "refused": True,
         "problem": "unknown option '--wrong'", "usage": "Usage: tool [-h] [-o <output>] [-v] <input> [<input>] ..."}),
    "basexx": (
        "lua-basexx", {"basexx": "5.2/basexx.lua"}, "default",
        """bit32 = setmetatable({}, {__index = function() return nil end})
        local basexx = require("basexx")
        return {basexx.to_base64(context), basexx.from_base64("SGVsbG8="), basexx.to_hex("az"), basexx.to_base32("hi")}""",
        "Hello", ["SGVsbG8=", "Hello", "617A", "NBUQ===="]),
}


class ThirdParty(cli.CliTest):
    def write_plugin(self, modules, adapter):
        names = {"main": "main.lua", "debug": "debug.lua"}
        self.write("plugin/debug.lua", "return debug") # some ask for it with require
        for name, path in modules.items():
            names[name] = f"{name}.lua"
            self.write(f"plugin/{name}.lua", (LUA / path).read_text())
        self.write("plugin/main.lua", adapter)
        self.write("plugin/plugin.json", json.dumps({"name": "p", "version": "1.0.0", "modules": names}))

    def test_libraries_run_unchanged(self):
        for title, (_, modules, policy, adapter, context, expected) in LIBRARIES.items():
            with self.subTest(library=title):
                self.write_plugin(modules, adapter)
                result = self.ctl_any("run", "plugin", "--policy", policy, "--context", json.dumps(context), "--json")
                result = json.loads(result)
                self.assertEqual((result["error"], result["output"]), (None, expected), result)


if __name__ == "__main__":
    for package, modules, *_ in LIBRARIES.values():
        if not all((LUA / path).exists() for path in modules.values()):
            print("host lacks: " + package.replace("-", "_"))
            sys.exit(77)
    unittest.main()
