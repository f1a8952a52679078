# SPDX-License-Identifier: Apache-2.0
"""The verbs of a server's day: runs list, get and cancel, run --remote, health and top, with and without keys."""

import json
import os
import pty
import select
import signal
import subprocess
import termios
import threading
import unittest

import cli
from daemon import Daemon, PATIENCE_S, wait_until


class Operate(cli.CliTest):
    def start(self, **options):
        daemon = Daemon(**options).start()
        self.addCleanup(daemon.stop)
        self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
        return daemon

    def test_runs_are_listed_filtered_paged_and_shown(self):
        daemon = self.start()
        ids = [daemon.run(code)["id"] for code in ("return 1", "error('\\27[2Jboom')", "return 3")]
        out, err = self.ctl("runs", "list", "-n", "2")
        self.assertIn(ids[2], out)
        self.assertNotIn(ids[0], out)
        cursor = err.split()[-1]
        self.assertIn(ids[0], self.ctl("runs", "list", "--cursor", cursor)[0])
        self.assertEqual([ids[1]], [run["id"] for run in self.ctl_json("runs", "list", "-s", "plugin_error")["items"]])
        self.assertEqual(3, len(self.ctl_json("runs", "list", "--since", "1h")["items"]))
        self.assertEqual([], self.ctl_json("runs", "list", "--until", "1h", "-s", "ok")["items"])
        self.assertEqual(3, len(self.ctl_json("runs", "list", "--since", "2020-01-31T12:00:00Z")["items"]))
        self.assertIn("since", self.ctl("runs", "list", "--since", "yesterday", status=cli.FAILURE)[1])
        trace = self.ctl_json("runs", "get", ids[0])["trace_id"]
        self.assertEqual([ids[0]], [run["id"] for run in self.ctl_json("runs", "list", "--trace-id", trace)["items"]])
        shown = self.ctl("runs", "get", ids[1])[0]
        self.assertRegex(shown, r"status +plugin_error")
        self.assertRegex(shown, r"cpu_ms .* of +10\.00 s|cpu_ms .* of ")
        self.assertNotIn("\x1b", shown)
        self.assertEqual(self.ctl_json("runs", "get", ids[0])["status"], "ok")
        self.ctl("runs", "get", "01a1fe91-f0dd-7537-a473-25a425e93f3c", status=cli.NOT_FOUND)
        self.assertIn("status", self.ctl("runs", "list", "-s", "nonsense", status=cli.FAILURE)[1])

    def test_a_run_is_cancelled(self):
        daemon = self.start()
        answer = []
        thread = threading.Thread(target=lambda: answer.append(
            daemon.run("while true do end", limits={"cpu_ms": 10000, "wall_ms": 30000})))
        thread.start()
        [run] = wait_until(lambda: daemon.get("/v1/stats").json["runs"]["in_flight"], "the run")
        self.assertRegex(self.ctl("top", "-n", "1")[0], rf"OLDEST FIRST.*\n{run['id']} +[0-9.]+ m?s +default +- +-")
        self.assertIn("is being ended", self.ctl("runs", "cancel", run["id"])[0])
        thread.join()
        self.assertEqual("cancelled", answer[0]["status"])
        self.assertIn("409", self.ctl("runs", "cancel", run["id"], status=cli.FAILURE)[1])

    def test_a_plugin_runs_on_the_server_as_it_does_here(self):
        self.start()
        for code, status in (("log.info('hi') return {a = {0.1, 2^53, 10}, s = context.s}", cli.SUCCESS),
                             ("local function f() error({code = 42}) end f()", cli.PLUGIN_FAILED),
                             ("return +", cli.PLUGIN_FAILED), ("while true do end", cli.PLUGIN_FAILED)):
            with self.subTest(code=code):
                path = self.write("main.lua", code)
                words = [path, "-p", "strict", "-c", '{"s": 12345678901}', "--limit", "instructions=50000"]
                here, there = self.ctl("run", *words, status=status), self.ctl("run", *words, "--remote", status=status)
                self.assertEqual(here[0], there[0])
                lines = [[line for line in text.splitlines() if " of " not in line and " ms] " not in line]
                         for text in (here[1], there[1])]
                self.assertEqual(*lines)
                result = json.loads(self.ctl("run", *words, "--remote", "--json", status=status)[0])
                self.assertEqual(result["success"], status == cli.SUCCESS)
        folder = self.folder / "greeter"
        self.ctl("new", "greeter")
        if len(list(folder.glob("*.lua"))) > 1:
            self.assertIn("publish", self.ctl("run", folder, "--remote", status=cli.USAGE)[1])
        self.ctl("run", path, "--remote", "--limit", "cpu_ms=nonsense", status=cli.FAILURE)
        self.ctl("run", path, "--remote", "--limit", "cpu_ms", status=cli.USAGE)
        self.ctl("run", path, "--remote", "-p", "missing", status=cli.FAILURE)

    def test_a_published_plugin_runs_by_its_name(self):
        daemon = self.start()
        for version, value in (("1.0.0", 1), ("1.1.0", 2)):
            package = {"manifest": {}, "modules": {"main": f"return require('util') + {value}", "util": "return 10"}}
            put = daemon.request("PUT", f"/v1/plugins/acme/adder/versions/{version}", package)
            self.assertEqual(201, put.status, put)
        self.assertEqual("12\n", self.ctl("run", "acme/adder", "--remote")[0])
        self.assertEqual("11\n", self.ctl("run", "acme/adder@1.0.0", "--remote")[0])
        self.assertIn("acme/none", self.ctl("run", "acme/none", "--remote", status=cli.FAILURE)[1])
        self.assertEqual(2, len(self.ctl_json("runs", "list", "--plugin", "acme/adder")["items"]))

    def test_health_tells_checks_and_layers(self):
        daemon = self.start()
        out = self.ctl("health")[0]
        self.assertRegex(out, r"^(pass|warn): sandboxd .* is (healthy|degraded)")
        self.assertRegex(out, r"engine:queued +pass")
        self.assertRegex(out, r"policy:default +pass +yes")
        self.assertRegex(out, r"landlock +(active|missing)")
        self.assertIn("checks", self.ctl_json("health"))
        daemon.stop()
        self.ctl("health", status=cli.UNREACHABLE)

    def test_keys_are_sent_and_their_lack_is_told(self):
        daemon = self.start(settings={"auth": "on"})
        path = self.write("main.lua", "return 1")
        verbs = (("runs", "list"), ("runs", "get", "01a1fe91-f0dd-7537-a473-25a425e93f3c"), ("health",),
                 ("top", "-n", "1"), ("policy", "list"), ("run", path, "--remote"))
        for words in verbs:
            refused = self.ctl(*words, status=cli.NOT_ALLOWED)[1]
            self.assertIn("401", refused)
            self.assertIn("SANDBOXCTL_API_KEY_FILE", refused)
        key_file = self.write("key", daemon.admin_key + "\n")
        self.write("config/sandboxctl/config.json", json.dumps(
            {"profiles": {"home": {"url": self.environment.pop("SANDBOXCTL_URL"), "api_key_file": str(key_file)}}}))
        self.ctl("runs", "list", "--profile", "home")
        self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
        self.environment["SANDBOXCTL_API_KEY_FILE"] = str(key_file)
        self.ctl("run", path, "--remote")
        self.environment.pop("SANDBOXCTL_API_KEY_FILE")
        self.environment["SANDBOXCTL_API_KEY"] = daemon.admin_key
        self.ctl("health")
        tenant = daemon.post("/v1/tenants", {"id": "acme", "name": "Acme"}, daemon.bearer(daemon.admin_key))
        self.assertIn(tenant.status, (200, 201), tenant.json)
        made = daemon.post("/v1/tenants/acme/keys", {}, daemon.bearer(daemon.admin_key))
        self.environment["SANDBOXCTL_API_KEY"] = made.json["key"]
        self.ctl("run", path, "--remote")
        self.assertIn("403", self.ctl("health", status=cli.NOT_ALLOWED)[1])

    def test_top_prints_one_line_of_json_per_look(self):
        daemon = self.start()
        top = subprocess.Popen([str(cli.SANDBOXCTL), "top", "--json", "-n", "2"], env=self.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while top.poll() is None:
            daemon.run("return 1")
            daemon.run("error('x')", policy="strict")
        out, err = top.communicate(timeout=PATIENCE_S)
        self.assertEqual((0, ""), (top.returncode, err))
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(2, len(lines))
        self.assertGreater(sum(line["runs"] for line in lines), 0)
        self.assertGreater(sum(line["by_status"]["plugin_error"] for line in lines), 0)
        self.assertEqual({"default", "strict"}, {row["name"] for line in lines for row in line["policies"]})
        self.assertGreater(sum(line["http"]["requests"] for line in lines), 0)
        self.assertLessEqual(lines[-1]["wall_ms"]["p50"], lines[-1]["wall_ms"]["p99"])

    def test_top_redraws_on_a_terminal_and_leaves_it_as_it_was(self):
        daemon = self.start()
        for end, status in ((b"q", 0), (None, 130)):
            with self.subTest(end=end):
                here, there = pty.openpty()
                self.addCleanup(os.close, here)
                before = termios.tcgetattr(there)
                top = subprocess.Popen([str(cli.SANDBOXCTL), "top", "-i", "1"], env=self.environment,
                                       stdin=there, stdout=there, stderr=there)
                screen = bytearray()

                def has_shown(wanted):
                    while wanted not in screen:
                        ready, _, _ = select.select([here], [], [], PATIENCE_S)
                        self.assertTrue(ready, bytes(screen))
                        screen.extend(os.read(here, 65536))

                daemon.run("return 1")
                has_shown(b"runs/s")
                self.assertIn(b"\x1b[2J", screen)
                if end:
                    os.write(here, end)
                else:
                    top.send_signal(signal.SIGINT)
                self.assertEqual(status, top.wait(timeout=PATIENCE_S))
                self.assertEqual(before, termios.tcgetattr(there))
                os.close(there)

    def test_top_says_when_the_server_is_gone(self):
        self.start().stop()
        self.ctl("top", status=cli.UNREACHABLE)
        self.ctl("top", "--interval", "0", status=cli.USAGE)


if __name__ == "__main__":
    unittest.main()
