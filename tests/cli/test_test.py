# SPDX-License-Identifier: Apache-2.0
"""sandboxctl new, test, config, policy: the rest of a plugin developer's day."""

import json
import pathlib
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

import cli
from daemon import SOURCE_DIR


class Test(cli.CliTest):
    def test_a_new_plugin_is_green(self):
        self.ctl("new", "greeter")
        out, _ = self.ctl("test", "greeter")
        self.assertIn("greeter: 2 passed, 0 failed", out)
        for name in ("plugin.json", "main.lua", ".luacheckrc", ".luarc.json", "types/sandbox.lua", "README.md"):
            self.assertTrue((self.folder / "greeter" / name).is_file(), name)
        self.assertEqual(json.loads((self.folder / "greeter/.luarc.json").read_text())["runtime.builtin"]["io"],
                         "disable")
        self.ctl("new", "greeter", status=cli.FAILURE)
        self.ctl("new", "Bad Name", status=cli.USAGE)
        self.ctl("new", "slashed/")
        self.ctl("new", "nowhere", "--policy", "nosuch", status=cli.NOT_FOUND)

    def test_linters_have_nothing_to_say_about_a_new_plugin(self):
        self.ctl("new", "greeter")
        found = subprocess.run(["luacheck", "--no-color", "."], cwd=self.folder / "greeter", capture_output=True,
                               text=True, timeout=60)
        self.assertEqual(found.returncode, 0, found.stdout)

    def test_a_new_plugin_that_cannot_be_written_leaves_nothing_behind(self):
        done = subprocess.run(["bash", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$0" new p', str(cli.SANDBOXCTL)],
                              cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, cli.FAILURE)
        self.assertIn("File too large", done.stderr)
        self.assertFalse((self.folder / "p").exists())

    def test_a_wrong_output_shows_its_path(self):
        self.ctl("new", "p")
        self.write("p/tests/wrong.json", json.dumps(
            {"name": "wrong", "context": {"name": "Bo"}, "expect": {"output": {"greeting": "Hi"}}}))
        out, _ = self.ctl("test", "p", status=cli.PLUGIN_FAILED)
        self.assertIn('$.greeting: expected "Hi"', out)
        out, _ = self.ctl("test", "p", "--tap", status=cli.PLUGIN_FAILED)
        self.assertIn("not ok 3 - tests/wrong.json: wrong", out)
        report = self.folder / "report.xml"
        self.ctl("test", "p", "--junit", report, status=cli.PLUGIN_FAILED)
        suite = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("3", "1"))
        self.assertEqual(self.ctl_json("test", "p", "--filter", "greets")["passed"], 1)

    def test_a_faulty_case_is_told_with_its_member(self):
        self.ctl("new", "p")
        faults = [
            ({"expect": {"status": "okay"}}, "expect.status"),
            ({"expct": {}}, 'unknown member "expct"'),
            ({"name": "x"}, '"expect" is missing'),
            ({"expect": {"error": "("}}, "no regular expression"),
        ]
        for case, text in faults:
            with self.subTest(case=case):
                self.write("p/tests/faulty.json", json.dumps(case))
                out, _ = self.ctl("test", "p", status=cli.PLUGIN_FAILED)
                self.assertIn(text, out)
                self.assertIn("p: 2 passed, 1 failed", out)

    def test_a_bad_policy_or_file_fails_alone_and_is_reported(self):
        self.ctl("new", "p")
        self.write("p/pol.json", '{"name": "pol", "extends": "default"}')
        self.write("p/tests/other.json", json.dumps([{"name": "a", "policy": "nosuch", "expect": {}},
                                                     {"name": "b", "policy": "./pol.json", "context": {"name": "x"},
                                                      "expect": {}}]))
        self.write("p/tests/torn.json", "{")
        out, _ = self.ctl("test", "p", "--junit", "r.xml", status=cli.PLUGIN_FAILED)
        self.assertIn("FAILED tests/other.json: a", out)
        self.assertIn("ok     tests/other.json: b", out)
        self.assertIn("nosuch", out)
        self.assertIn("tests/torn.json:1:2: ", out)
        self.assertIn("3 passed, 2 failed", out)
        self.assertEqual(xml.etree.ElementTree.parse(self.folder / "r.xml").getroot().get("failures"), "2")
        self.ctl("test", "p", "-p", "nosuch", status=cli.NOT_FOUND)

    def test_limits_and_usage_of_a_case_are_held(self):
        self.ctl("new", "p")
        self.write("p/tests/greeting.json", json.dumps([
            {"name": "limit", "context": {"name": "x"}, "limits": {"instructions": 1000000},
             "expect": {"status": "ok"}, "usage": {"instructions": 100000, "memory_bytes": 1000000}},
            {"name": "too little", "context": {"name": "x"}, "expect": {}, "usage": {"memory_bytes": 1}},
        ]))
        result = self.ctl_json("test", "p", status=cli.PLUGIN_FAILED)
        self.assertEqual([case["passed"] for case in result["cases"]], [True, False])
        self.assertIn("memory_bytes", result["cases"][1]["problem"])

    def test_a_context_is_admitted_as_the_service_admits_it(self):
        self.write("p/plugin.json", json.dumps({
            "name": "p", "modules": {"main": "main.lua"}, "limits": {"context_bytes": 2000, "instructions": 90000},
            "input": {"type": "object", "required": ["n"]}}))
        self.write("p/main.lua", "for i = 1, context.n do end return context.n")
        deep = {"n": json.loads("[" * 300 + "]" * 300)}
        self.write("p/tests/a.json", json.dumps([
            {"name": "unfit", "context": {"m": 1}, "expect": {}},
            {"name": "large", "context": {"n": 1, "text": "x" * 2000}, "expect": {}},
            {"name": "deep", "context": deep, "expect": {}},
            {"name": "fit", "context": {"n": 1}, "expect": {"output": 1}}]))
        cases = self.ctl_json("test", "p", status=cli.PLUGIN_FAILED)["cases"]
        self.assertEqual([case["passed"] for case in cases], [False, False, False, True])
        for case, text in zip(cases, ("input schema; nothing was run\n/context", "context_bytes is 2000", "deep")):
            self.assertIn(text, case["problem"])
        for verb in ("run", "bench"):
            err = self.ctl(verb, "p", "-c", '{"m": 1}', status=cli.PLUGIN_FAILED)[1]
            self.assertIn("does not fit the plugin's input schema", err)
            self.assertIn("/context/n: ", err)
            self.ctl(verb, "p", "-c", json.dumps({"n": 1, "t": "x" * 2000}), status=cli.LIMITED)
            self.assertIn("deep", self.ctl(verb, "p", "-c", json.dumps(deep), status=cli.USAGE)[1])
            err = self.ctl(verb, "p", "-c", '{"n": 1000000}', status=cli.PLUGIN_FAILED)[1]
            self.assertIn("instruction_limit", err)

    def test_integers_are_compared_as_integers(self):
        self.write("p/plugin.json", '{"name": "p", "modules": {"main": "main.lua"}}')
        self.write("p/main.lua", "return 9007199254740992")
        self.write("p/tests/a.json", '[{"expect": {"output": 9007199254740993}}, '
                                     '{"expect": {"output": 9007199254740992}}]')
        cases = self.ctl_json("test", "p", status=cli.PLUGIN_FAILED)["cases"]
        self.assertEqual([case["passed"] for case in cases], [False, True])

    def test_an_interrupt_ends_all_cases(self):
        self.write("p/plugin.json", '{"name": "p", "modules": {"main": "main.lua"}}')
        self.write("p/main.lua", "while true do end")
        self.write("p/tests/a.json", json.dumps([{"limits": {"cpu_ms": 5000},
                                                  "expect": {"status": "cpu_limit"}}] * 20))
        test = subprocess.Popen([str(cli.SANDBOXCTL), "test", "p", "-j", "2"], cwd=self.folder, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(test.kill)
        # Its signals are held back, and kept, from before the first case on.
        blocked = re.compile(r"^SigBlk:\s+[0-9a-f]*2$", re.M)
        while test.poll() is None and not blocked.search(pathlib.Path(f"/proc/{test.pid}/status").read_text()):
            time.sleep(0.01)
        test.send_signal(signal.SIGINT)
        out, _ = test.communicate(timeout=60)
        self.assertEqual(test.returncode, cli.INTERRUPTED)
        self.assertIn("it was not run", out)

    def test_a_plugins_text_steers_neither_terminal_nor_report(self):
        self.write("p/plugin.json", '{"name": "p", "modules": {"main": "main.lua"}}')
        self.write("p/main.lua", 'error("\\27[2J\\r\\u{9b}31m \\xff")')
        self.write("p/tests/a #1.json", json.dumps([
            {"name": "x\nok 9 - forged # SKIP \\ \x1b[1m\u009b", "expect": {}}]))
        for words in ((), ("--tap",)):
            out = self.ctl("test", "p", *words, status=cli.PLUGIN_FAILED)[0]
            self.assertEqual([c for c in out if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)], [])
        self.assertIn("\nnot ok 1 - tests/a \\#1.json: x ok 9 - forged \\# SKIP \\\\ ?[1m?\n", out)

    def write_two_modules(self):
        self.write("p/plugin.json", json.dumps({"name": "p", "version": "1.0.0",
                                                "modules": {"main": "main.lua", "sign": "sign.lua"}}))
        self.write("p/main.lua", "local sign = require('sign')\nreturn sign(context)\n")
        self.write("p/sign.lua", "return function(n)\n  if n < 0 then\n    return 'minus'\n  elseif n > 0 then\n"
                                 "    return 'plus'\n  end\n  return 'zero'\nend\n")
        self.write("p/tests/a.json", json.dumps([{"context": 1, "expect": {"output": "plus"}, "usage": {"cpu_ms": 1e-9}},
                                                 {"context": 2, "expect": {"output": "plus"}},
                                                 {"context": 0, "expect": {"output": "zero"}}]))

    def test_coverage_is_merged_over_cases_and_modules(self):
        self.write_two_modules()
        # A ceiling on CPU time is not held against a run whose lines are watched.
        out, _ = self.ctl("test", "p", "--coverage")
        self.assertRegex(out, r"main\.lua +2 of +2 lines  100\.0 %\n")
        self.assertRegex(out, r"sign +5 of +6 lines +83\.3 %  not run: 3\n")
        lcov = (self.folder / "lcov.info").read_text()
        self.assertIn("SF:p/sign.lua\nDA:2,3\nDA:3,0\nDA:4,3\nDA:5,2\nDA:7,1\nDA:8,3\nLF:6\nLH:5\n", lcov)
        result = self.ctl_json("test", "p", "--lcov", "other.info")
        self.assertEqual(result["coverage"]["covered"], 7)
        self.assertEqual(result["coverage"]["modules"][1]["missed"], [[3, 3]])
        self.assertEqual((self.folder / "other.info").read_text(), lcov)

    def test_a_module_that_no_case_loads_counts_with_all_its_lines(self):
        self.write_two_modules()
        self.write("p/main.lua", "if context > 5 then return require('sign')(context) end\nreturn 'plus'\n")
        self.write("p/tests/a.json", json.dumps({"context": 1, "expect": {"output": "plus"}}))
        out, _ = self.ctl("test", "p", "--coverage")
        self.assertRegex(out, r"sign +0 of +6 lines +0\.0 %  never loaded\n")
        self.assertRegex(out, r"all +2 of +8 lines +25\.0 %\n")
        self.assertIn("DA:2,0\nDA:3,0\nDA:4,0\nDA:5,0\nDA:7,0\nDA:8,0\nLF:6\nLH:0\n", (self.folder / "lcov.info").read_text())
        for option in ("--lcov", "--junit"):
            self.assertIn("expected the name of a file", self.ctl("test", "p", option, "-", status=cli.USAGE)[1])
        self.assertFalse((self.folder / "-").exists())

    def test_without_coverage_nothing_is_written(self):
        self.write_two_modules()
        out, _ = self.ctl("test", "p", status=cli.PLUGIN_FAILED)
        self.assertIn("expected cpu_ms of at most 1e-9", out)
        self.assertNotIn("coverage", out)
        self.assertFalse((self.folder / "lcov.info").exists())

    def test_every_plugin_of_the_repository_passes(self):
        plugins = sorted(path.parent for path in (SOURCE_DIR / "plugins").glob("*/plugin.json"))
        self.assertGreaterEqual(len(plugins), 8)
        for plugin in plugins:
            with self.subTest(plugin=plugin.name):
                self.ctl("test", plugin)

    def test_config_show_says_where_values_come_from_and_hides_the_key(self):
        self.environment["SANDBOXCTL_API_KEY"] = "sbx_1_verysecret"
        out, _ = self.ctl("config", "show", "--origin")
        self.assertIn("from default", out)
        self.assertIn("from SANDBOXCTL_API_KEY", out)
        self.assertNotIn("verysecret", out)
        self.write("config/sandboxctl/config.json", '{"profile": "a", "profiles": {"a": {"url": "http://a:1"}}}')
        self.assertEqual(self.ctl_json("config", "show")["url"]["value"], "http://a:1")

    def test_policy_verbs_find_faults_and_differences(self):
        self.write("mine.json", '{"name": "mine", "extends": "default", "limits": {"cpu_ms": "1s"}}')
        self.assertIn("good", self.ctl("policy", "check", "mine.json")[0])
        self.assertIn("CPU", self.ctl("policy", "diff", "default", "mine.json")[0])
        self.assertEqual(self.ctl_json("policy", "show", "mine.json")["name"], "mine")
        shown = self.ctl("policy", "show", "mine.json")[0]
        self.assertRegex(shown, r"^mine  sha256:[0-9a-f]{64}\n")
        self.assertRegex(shown, r"\n  limits/cpu_ms +1 s +from mine\n")
        self.assertRegex(shown, r"\n  ceilings/cpu_ms +20 s +from default\n")
        self.write("bad.json", '{"name": "bad", "extends": "default",\n "limits": {"cpu_sm": "1s"}}')
        out, _ = self.ctl("policy", "check", "bad.json", status=cli.PLUGIN_FAILED)
        self.assertRegex(out, r'^bad\.json:2:13: /limits/cpu_sm: unknown member "cpu_sm".*did you mean "cpu_ms"\?\n$')
        self.assertIn("$schema", self.ctl("policy", "schema")[0])
        self.write("plugin.lua", "return 1")
        self.assertEqual(self.ctl_json("run", "plugin.lua", "-p", "mine.json")["policy"]["name"], "mine")

    def test_no_server_is_told_as_such(self):
        _, err = self.ctl("policy", "list", "--url", "http://127.0.0.1:1", status=cli.UNREACHABLE)
        self.assertIn("is sandboxd running there?", err)


if __name__ == "__main__":
    unittest.main()
