# SPDX-License-Identifier: Apache-2.0
"""sandboxctl validate, and that a server says the same."""

import json
import pathlib
import re
import unittest

import cli
import daemon as support

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^### `(\w+)`$", re.MULTILINE)
LUA = re.compile(r"^```lua\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documented():
    """Of docs/validation.md: each code with its Lua examples, what is found in first."""
    _, *parts = SECTION.split((ROOT / "docs/validation.md").read_text(encoding="utf-8"))
    return {code: LUA.findall(text) for code, text in zip(parts[::2], parts[1::2])}


def severities():
    rows = re.findall(r'^VALIDATION_CODE\(\w+, "(\w+)", (\w+)\)$', (ROOT / "validation/codes.def").read_text(), re.MULTILINE)
    return {name: severity.lower() for name, severity in rows}


class Validate(cli.CliTest):
    def found(self, *words, status):
        return self.ctl_json("validate", *words, status=status)["diagnostics"]

    def test_every_code_is_documented_under_its_severity(self):
        text = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
        errors = set(SECTION.findall(text[:text.index("\n## Warnings")]))
        self.assertEqual({name for name, severity in severities().items() if severity == "error"}, errors)
        self.assertEqual(set(severities()), set(documented()))

    def test_every_documented_example_shows_its_code_and_how_to_mend_it(self):
        for code, examples in documented().items():
            if not examples:
                continue
            with self.subTest(code=code):
                faulty, mended = examples
                self.write("example.lua", faulty)
                invalid = severities()[code] == "error"
                found = self.found("example.lua", status=cli.PLUGIN_FAILED if invalid else cli.SUCCESS)
                self.assertIn(code, [item["code"] for item in found])
                self.write("example.lua", mended)
                self.assertEqual([], self.found("example.lua", status=cli.SUCCESS))

    def test_a_finding_shows_its_place_in_the_source(self):
        self.write("a.lua", "local x = 1\n\treturn os.execute('é') + x\n")
        out, _ = self.ctl("validate", "a.lua", status=cli.PLUGIN_FAILED)
        self.assertEqual(out, "a.lua:2:9: error: `os.execute` is not available: plugins cannot start processes "
                              "[forbidden_global]\n"
                              "      2 | \treturn os.execute('é') + x\n"
                              "        | \t       ^^^^^^^^^^\n"
                              "a.lua: 1 error, 0 warnings\n")

    def test_a_long_line_is_shown_around_the_place(self):
        self.write("a.lua", "local t = '" + "ä" * 5000 + "' os.exit() return '" + "z" * 5000 + "', t\n")
        out, _ = self.ctl("validate", "a.lua", status=cli.PLUGIN_FAILED)
        excerpt, marks = out.splitlines()[1:3]
        self.assertLess(len(excerpt), 120)
        self.assertEqual("os.exit", excerpt[marks.index("^"):marks.rindex("^") + 1])

    def test_a_valid_plugin_is_told_to_be_one(self):
        self.write("a.lua", "return 1")
        self.assertEqual("a.lua: nothing to find fault with\n", self.ctl("validate", "a.lua")[0])
        self.assertEqual({"valid": True, "diagnostics": []}, self.ctl_json("validate", "a.lua"))

    def test_a_new_plugin_is_valid(self):
        self.ctl("new", "greeter")
        self.assertEqual({"valid": True, "diagnostics": []}, self.ctl_json("validate", "greeter"))

    def test_standard_input_is_a_plugin_too(self):
        out, _ = self.ctl("validate", "-", stdin="return os.exit()", status=cli.PLUGIN_FAILED)
        self.assertIn("-:1:8: error: `os.exit`", out)

    def test_terminal_control_characters_of_a_source_are_not_passed_on(self):
        (self.folder / "a.lua").write_bytes(b"local x = '\x1b[2J\xff' os.exit()\n")
        out, _ = self.ctl("validate", "a.lua", status=cli.PLUGIN_FAILED)
        self.assertNotIn("\x1b", out)

    def test_modules_of_a_folder_are_checked_together(self):
        self.write("p/plugin.json", json.dumps({"name": "p", "version": "1.0.0", "entry": "main",
                                                "modules": {"main": "main.lua", "util": "lib/util.lua"}}))
        self.write("p/main.lua", "return require('utli')")
        self.write("p/lib/util.lua", "return io")
        out, _ = self.ctl("validate", "p", status=cli.PLUGIN_FAILED)
        self.assertIn("p/main.lua:1:8: error: there is no module 'utli': this plugin has 'util'; did you mean 'util'?", out)
        self.assertIn("p/lib/util.lua:1:8: error: `io` is not available", out)
        self.assertIn("p: 2 errors, 1 warning", out)

    def test_a_manifest_is_checked_as_the_registry_does(self):
        self.write("p/main.lua", "return 1")
        self.write("p/plugin.json", '{"name": "p",\n "version": "one",\n "modules": {"main": "main.lua"}}')
        out, _ = self.ctl("validate", "p", status=cli.PLUGIN_FAILED)
        self.assertRegex(out, r"p/plugin\.json:2:13: error: /version: .* \[manifest\]")
        for text in ("{", "[]", '{"modules": {"main": 5}}', '{"entry": "x", "modules": {"main": "main.lua"}}'):
            with self.subTest(text=text):
                self.write("p/plugin.json", text)
                found = self.found("p", status=cli.PLUGIN_FAILED)
                self.assertEqual({("manifest", "plugin.json")}, {(item["code"], item["source"]) for item in found})
        self.write("p/plugin.json", '{"modules": {"main": "absent.lua"}}')
        self.assertIn("absent.lua", self.found("p", status=cli.PLUGIN_FAILED)[0]["message"])
        self.ctl("validate", "absent", status=cli.NOT_FOUND)

    def test_bytecode_is_told_without_the_modules_name_again(self):
        self.write("code.lua", "\x1bLua")
        self.assertEqual(self.found("code.lua", status=cli.PLUGIN_FAILED)[0]["message"],
                         "this is bytecode; a plugin is Lua text")

    def test_hostile_sources_get_an_answer(self):
        cases = [
            ("binary", bytes(range(256)) * 100, {"syntax", "not_utf8"}),
            ("bytecode", b"\x1bLua" + b"\x00" * 100, {"syntax"}),
            ("one line of 10 MiB", b"x = '" + b"a" * (10 << 20) + b"'", {"source_size"}),
            ("parentheses", b"return " + b"(" * 100000 + b"1" + b")" * 100000, {"syntax"}),
            ("locals", b"".join(b"local a%d = 1 " % i for i in range(15000)), {"syntax"}),
            ("indexing", b"return context" + b".a" * 100000, {"not_analysed"}),
        ]
        for name, source, codes in cases:
            with self.subTest(name=name):
                (self.folder / "hostile.lua").write_bytes(source)
                found = self.found("hostile.lua", status=cli.PLUGIN_FAILED)
                self.assertEqual(codes, {item["code"] for item in found})

    def test_the_policy_decides_what_is_there(self):
        self.write("a.lua", "return os.time()")
        self.assertEqual([], self.found("a.lua", status=cli.SUCCESS))
        self.write("timeless.json", '{"name": "timeless", "extends": "default", "lua": {"deny": ["os"]}}')
        found = self.found("a.lua", "--policy", "./timeless.json", status=cli.PLUGIN_FAILED)
        self.assertEqual('`os.time` is not available under policy "timeless"', found[0]["message"])


class SameVerdict(cli.CliTest):
    """One source, two ways: the same document."""

    def setUp(self):
        super().setUp()
        self.daemon = self.enterContext(support.Daemon())

    def sources(self):
        yield from (examples[0] for examples in documented().values() if examples)
        for path in sorted((ROOT / "tests/attacks").glob("*/*.lua"))[::8]:
            yield path.read_text(encoding="utf-8", errors="replace")

    def test_of_files(self):
        for source in self.sources():
            with self.subTest(source=source[:60]):
                self.write("main.lua", source)
                words = ["validate", "main.lua", "--json"]
                there = self.daemon.post("/v1/validate", {"code": source}).json
                here, _ = self.ctl(*words, status=cli.SUCCESS if there["valid"] else cli.PLUGIN_FAILED)
                self.assertEqual(there, json.loads(here))

    def test_of_folders(self):
        for folder in sorted((ROOT / "plugins").glob("*/plugin.json")):
            with self.subTest(plugin=folder.parent.name):
                manifest = json.loads(folder.read_text(encoding="utf-8"))
                modules = {name: (folder.parent / file).read_text(encoding="utf-8")
                           for name, file in manifest["modules"].items()}
                there = self.daemon.post("/v1/validate", {"modules": modules}).json
                self.assertEqual({"valid": True, "diagnostics": []}, there)
                self.assertEqual(there, self.ctl_json("validate", str(folder.parent)))


if __name__ == "__main__":
    unittest.main()
