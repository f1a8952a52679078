# SPDX-License-Identifier: Apache-2.0
"""sandboxctl run, validate, bench: what a plugin developer sees."""

import json
import os
import pty
import subprocess
import xml.etree.ElementTree
import unittest

import cli


class Run(cli.CliTest):
    def test_output_goes_to_stdout_and_the_rest_to_stderr(self):
        self.write("main.lua", "log.info('adding')\nreturn context.a + context.b")
        out, err = self.ctl("run", "main.lua", "--context", '{"a": 2, "b": 3}')
        self.assertEqual(out, "5\n")
        self.assertIn("adding", err)
        self.assertIn("memory_bytes", err)

    def test_json_is_the_result_of_the_api(self):
        self.write("main.lua", "return {1, 2}")
        result = self.ctl_json("run", "main.lua")
        self.assertEqual(result["status"], "ok")
        self.assertEqual(result["output"], [1, 2])
        self.assertEqual(result["policy"]["name"], "default")
        self.assertEqual(len(result["code_sha256"]), 64)

    def test_an_error_shows_the_line_in_its_source(self):
        self.write("main.lua", "local t = nil\nlocal x = 1\nreturn t.field")
        out, err = self.ctl("run", "main.lua", status=cli.PLUGIN_FAILED)
        self.assertEqual(out, "")
        self.assertIn("plugin_error", err)
        self.assertIn(">     3 | return t.field", err)

    def test_a_limit_tells_its_line_and_who_set_it(self):
        self.write("main.lua", "local n = 0\nwhile true do\n  n = n + 1\nend")
        result = self.ctl_json("run", "main.lua", "--limit", "cpu_ms=50", status=cli.PLUGIN_FAILED)
        self.assertEqual(result["status"], "cpu_limit")
        self.assertEqual(result["error"]["limit"]["set_by"], "request")
        self.assertIn(result["error"]["where"]["line"], (2, 3))

    def test_calls_that_an_audit_found_are_listed(self):
        self.write("audited.json", '{"name": "audited", "extends": "audit", "lua": {"allow": ["random"]}}')
        self.write("main.lua", "pcall(random.bytes, 8)\nreturn 1")
        out, err = self.ctl("run", "main.lua", "-p", "audited.json")
        self.assertEqual(out, "1\n")
        self.assertRegex(err, r"not allowed: system call getrandom \(\d+\), 1 time\n")

    def test_context_comes_from_a_file_or_standard_input(self):
        self.write("main.lua", "return context.n * 2")
        self.write("context.json", '{"n": 21}')
        self.assertEqual(self.ctl("run", "main.lua", "-c", "@context.json")[0], "42\n")
        self.assertEqual(self.ctl("run", "main.lua", "-c", "-", stdin='{"n": 4}')[0], "8\n")

    def test_wrong_input_is_told_with_its_place(self):
        self.write("main.lua", "return 1")
        cases = [
            (["--context", "{\"a\": }"], "--context:1:7"),
            (["--limit", "cpu=1"], "did you mean 'cpu_ms'?"),
            (["--limit", "cpu_ms=999999999"], "expected 1 to 3600000"),
            (["--limit", "cpu_ms=3000s"], "ceiling"),
            (["--seed", "-1"], "expected a number"),
        ]
        for words, text in cases:
            with self.subTest(words=words):
                status = cli.LIMITED if text == "ceiling" else cli.USAGE
                self.assertIn(text, self.ctl("run", "main.lua", *words, status=status)[1])
        self.assertIn("did you mean 'default'", self.ctl("run", "main.lua", "-p", "defualt", status=cli.NOT_FOUND)[1])
        self.ctl("run", "missing.lua", status=cli.NOT_FOUND)

    def test_modules_of_a_folder_are_required_by_name(self):
        self.write("p/plugin.json", '{"name": "p", "entry": "main", "modules": '
                                    '{"main": "main.lua", "util": "lib/util.lua"}}')
        self.write("p/main.lua", "return require('util').twice(context)")
        self.write("p/lib/util.lua", "return { twice = function(x) return 2 * x end }")
        self.assertEqual(self.ctl("run", "p", "-c", "21")[0], "42\n")

    def test_a_manifest_cannot_reach_outside_its_folder(self):
        self.write("secret.lua", "return 'secret'")
        for path in ("../secret.lua", str(self.folder / "secret.lua"), "lib/../../secret.lua"):
            self.write("p/plugin.json", '{"name": "p", "modules": {"main": "%s"}}' % path)
            self.assertIn("inside the plugin", self.ctl("run", "p", status=cli.USAGE)[1])

    def test_a_link_cannot_reach_outside_its_folder(self):
        secret = self.write("secret.key", "hush! [")
        self.write("p/plugin.json", '{"name": "p", "modules": {"main": "main.lua"}}')
        main = self.folder / "p/main.lua"
        for target in (secret, "../secret.key"):
            main.unlink(missing_ok=True)
            main.symlink_to(target)
            for verb, status in (("run", cli.USAGE), ("validate", cli.PLUGIN_FAILED), ("bench", cli.USAGE)):
                out, err = self.ctl(verb, "p", status=status)
                self.assertIn("p/main.lua: it leads outside the plugin's folder", out + err)
                self.assertNotIn("hush", out + err)
        (self.folder / "p/plugin.json").unlink()
        (self.folder / "p/plugin.json").symlink_to(secret)
        for verb in ("run", "validate"):
            out, err = self.ctl(verb, "p", status=cli.USAGE)
            self.assertIn("plugin.json: it leads outside the plugin's folder", err)
            self.assertNotIn("hush", out + err)

    def test_validate_names_file_line_and_column(self):
        self.write("bad.lua", "local x =\nreturn 1 +")
        out, _ = self.ctl("validate", "bad.lua", status=cli.PLUGIN_FAILED)
        self.assertRegex(out, r"bad\.lua:\d+:\d+: error: ")
        self.write("good.lua", "return 1")
        self.assertTrue(self.ctl_json("validate", "good.lua")["valid"])

    def test_bench_shows_a_distribution_and_suggests_limits(self):
        self.write("main.lua", "local t = {} for i = 1, 100 do t[i] = i end return #t")
        figures = self.ctl_json("bench", "main.lua", "-n", "20")
        self.assertEqual(figures["runs"], 20)
        for name in ("wall_ms", "cpu_ms", "memory_bytes", "instructions"):
            self.assertLessEqual(figures[name]["p50"], figures[name]["max"])
            self.assertGreater(figures[name]["suggested_limit"], 0)

    def test_a_profile_tells_where_the_time_went(self):
        self.write("main.lua", "local function dear()\n  local t = {}\n  for i = 1, 300000 do t[i % 9] = {i} end\n"
                               "  return #t\nend\nlocal n = dear()\nreturn n\n")
        plain, _ = self.ctl("run", "main.lua")
        out, err = self.ctl("run", "main.lua", "--profile", "p.svg", "--profile", "p.folded", "--profile", "p.bytes.folded")
        self.assertEqual(out, plain)
        self.assertRegex(err, r"%  +[0-9.]+ %  +[0-9.]+ MiB  main.lua:3  for i = 1, 300000 do t\[i % 9\] = {i} end")
        for name in ("p.folded", "p.bytes.folded"):
            costs = {stack: int(cost) for stack, cost in
                     (line.rsplit(" ", 1) for line in (self.folder / name).read_text().splitlines())}
            self.assertEqual(max(costs, key=costs.get), "main chunk main.lua;dear main.lua:1")
        drawing = xml.etree.ElementTree.parse(self.folder / "p.svg").getroot()
        titles = [title.text for title in drawing.iter("{http://www.w3.org/2000/svg}title")]
        self.assertTrue(any(title.startswith("dear main.lua:1: ") for title in titles), titles)
        result = self.ctl_json("run", "main.lua", "--profile", "q.svg")
        self.assertEqual(result["profile"]["lines"][0]["line"], 3)
        self.assertGreater(result["profile"]["cpu_ms"], 0)

    def test_a_profile_is_written_whatever_ended_the_run(self):
        self.write("main.lua", "local function spin() while true do end end\nspin()")
        _, err = self.ctl("run", "main.lua", "--limit", "cpu_ms=100", "--profile", "p.folded", status=cli.PLUGIN_FAILED)
        self.assertIn("cpu_limit", err)
        self.assertIn("spin main.lua:1", (self.folder / "p.folded").read_text())

    def test_a_profile_needs_a_form_and_a_place(self):
        self.write("main.lua", "return 1")
        _, err = self.ctl("run", "main.lua", "--profile", "p.png", status=cli.USAGE)
        self.assertIn("--profile p.png: expected a name that ends in .svg", err)
        _, err = self.ctl("run", "main.lua", "--profile", "missing/p.svg", status=cli.NOT_FOUND)
        self.assertIn("cannot write missing/p.svg: No such", err)
        failing = self.write("failing.lua", "error('no')")
        _, err = self.ctl("run", failing, "--profile", "missing/p.svg", status=cli.PLUGIN_FAILED)
        self.assertIn("cannot write missing/p.svg: No such", err)

    def test_run_and_bench_take_the_same_seed(self):
        self.write("main.lua", "assert(math.random(1 << 30) == context) return true")
        number = self.ctl_json("run", self.write("draw.lua", "return math.random(1 << 30)"), "--seed", "7")["output"]
        self.ctl("bench", "main.lua", "-n", "3", "--seed", "7", "--context", number)
        for verb in ("run", "bench"):
            _, err = self.ctl(verb, "main.lua", "--seed", "-1", status=cli.USAGE)
            self.assertIn("--seed -1: expected a number", err)

    def test_an_output_that_cannot_be_written_is_an_error(self):
        self.write("main.lua", "return 1")
        for words in (["run", "main.lua"], ["run", "main.lua", "--json"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([str(cli.SANDBOXCTL), *words], cwd=self.folder, env=self.environment,
                                      stdout=full, stderr=subprocess.PIPE, timeout=60)
            self.assertEqual(done.returncode, cli.FAILURE)
            self.assertIn(b"cannot write to standard output", done.stderr)

    def test_closed_standard_descriptors_do_not_lose_the_output_in_silence(self):
        self.write("main.lua", "return 1")
        done = subprocess.run(["sh", "-c", '"$0" run main.lua <&- >&- 2>&-', str(cli.SANDBOXCTL)],
                              cwd=self.folder, env=self.environment, timeout=cli.PATIENCE_S)
        self.assertEqual(done.returncode, cli.FAILURE)

    def test_colours_go_to_terminals_that_have_them(self):
        self.write("main.lua", "error('plain', 0)")

        def coloured(stream, **environment):
            control, terminal = pty.openpty()
            with open(control, "rb", 0), open(terminal, "wb", 0):
                other = {"stdout": "stderr", "stderr": "stdout"}[stream]
                done = subprocess.run([str(cli.SANDBOXCTL), "run", "main.lua"], cwd=self.folder, timeout=60,
                                      env={**self.environment, "TERM": "xterm", **environment},
                                      **{stream: terminal, other: subprocess.PIPE})
                shown = os.read(control, 65536) if stream == "stderr" else done.stderr
                return b"\x1b[" in shown
        self.assertTrue(coloured("stderr"))
        self.assertFalse(coloured("stdout"), "standard error is a pipe")
        self.assertFalse(coloured("stderr", TERM="dumb"))
        self.assertFalse(coloured("stderr", NO_COLOR="1"))

    def test_a_long_run_shows_on_a_terminal_that_it_goes_on(self):
        self.write("main.lua", "local t = os.time()\nwhile os.time() < t + 3 do end\nlog.info('late')\nreturn 'ended'")

        def shown(*options):
            control, terminal = pty.openpty()
            with open(control, "rb", 0), open(terminal, "wb", 0):
                done = subprocess.run([str(cli.SANDBOXCTL), "run", "main.lua", *options], cwd=self.folder, timeout=60,
                                      env=self.environment, stdout=subprocess.PIPE, stderr=terminal)
                self.assertIn(b"ended", done.stdout)
                os.write(terminal, b".")
                return os.read(control, 65536)
        text = shown()
        self.assertIn(b"running, 1 s", text)
        self.assertRegex(text, rb"(?s)running, \d s\r\x1b\[K[^\r]*late", "the line is taken away first")
        self.assertNotIn(b"running", shown("--json"))

    def test_a_refusal_is_a_document_too(self):
        self.write("main.lua", "return 1")
        self.write("p/main.lua", "return 1")
        self.write("p/plugin.json", json.dumps({"name": "p", "version": "1.0.0", "entry": "main",
                                                "modules": {"main": "main.lua"}, "input": {"type": "object"}}))
        self.environment["SANDBOXCTL_URL"] = "http://127.0.0.1:1"
        for status, *words in ((cli.NOT_FOUND, "run", "nope"), (cli.USAGE, "run", "main.lua", "-c", "{"),
                               (cli.NOT_FOUND, "run", "main.lua", "-p", "nosuch"), (cli.PLUGIN_FAILED, "run", "p"),
                               (cli.PLUGIN_FAILED, "bench", "p"), (cli.NOT_FOUND, "validate", "nope"),
                               (cli.NOT_FOUND, "policy", "check", "nope"), (cli.NOT_FOUND, "new", "q", "-p", "nosuch"),
                               (cli.UNREACHABLE, "tenant", "list"), (cli.UNREACHABLE, "run", "p", "--remote")):
            with self.subTest(words=words):
                out, err = self.ctl(*words, "--json", status=status)
                told = json.loads(out)["error"]
                self.assertEqual(told["exit_status"], status)
                self.assertIn(told["message"], err)
        told = json.loads(self.ctl("run", "p", "--json", status=cli.PLUGIN_FAILED)[0])["error"]
        self.assertEqual(told["faults"][0]["pointer"], "/context")

    def test_terminal_control_characters_of_a_plugin_are_not_passed_on(self):
        self.write("main.lua", "log.info('\\27[31mred') error('\\27[2J', 0)")
        _, err = self.ctl("run", "main.lua", status=cli.PLUGIN_FAILED)
        self.assertNotIn("\x1b", err)


if __name__ == "__main__":
    unittest.main()
