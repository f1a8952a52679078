# SPDX-License-Identifier: Apache-2.0
"""sandboxctl new, test, completion, config, policy: the rest of a plugin developer's day."""

import json
import pathlib
import unittest
import xml.etree.ElementTree

import cli
from daemon import SOURCE_DIR


class Test(cli.CliTest):
    def test_a_new_plugin_is_green(self):
        self.ctl("new", "greeter")
        out, _ = self.ctl("test", "greeter")
        self.assertIn("greeter: 2 passed, 0 failed", out)
        for name in ("plugin.json", "main.lua", ".luacheckrc", "types/sandbox.lua", "README.md"):
            self.assertTrue((self.folder / "greeter" / name).is_file(), name)
        self.ctl("new", "greeter", status=cli.FAILURE)
        self.ctl("new", "Bad Name", status=cli.USAGE)

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
                self.assertIn(text, self.ctl("test", "p", status=cli.USAGE)[1])

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

    def test_every_plugin_of_the_repository_passes(self):
        plugins = sorted(path.parent for path in (SOURCE_DIR / "plugins").glob("*/plugin.json"))
        self.assertGreaterEqual(len(plugins), 8)
        for plugin in plugins:
            with self.subTest(plugin=plugin.name):
                self.ctl("test", plugin)

    def test_completions_are_made_for_three_shells(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("sandboxctl", self.ctl("completion", shell)[0])
        self.ctl("completion", "tcsh", status=cli.USAGE)

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
