# SPDX-License-Identifier: Apache-2.0
"""sandboxctl against a live sandboxd, and the same verdict locally and remotely."""

import json
import unittest

import cli
from daemon import Daemon, SOURCE_DIR


class Remote(cli.CliTest):
    def test_policies_are_listed_and_shown(self):
        with Daemon() as daemon:
            self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
            self.assertIn("default", self.ctl("policy", "list")[0])
            self.assertEqual(self.ctl_json("policy", "get", "strict")["name"], "strict")
            self.assertIn("404", self.ctl("policy", "get", "missing", status=cli.NOT_FOUND)[1])

    def test_the_verdict_is_the_same_as_the_servers(self):
        """Byte for byte: output, error and instructions, for plugins, and for each way to fail."""
        programs = [
            "return {b = 1, a = {1, 2.5, 'x'}, e = {}}",
            "local function f() error({code = 42}) end f()",
            "error('plain')",
            "return +",
            "return {x = {function() end}}",
            "return string.rep('x', 2^21)",
            "while true do end",
            "local t = {} for i = 1, 1e9 do t[i] = {} end",
            "return tostring(print) .. tostring({})",
            "return math.random(1000000)",
        ]
        limits = {"instructions": 100000, "memory_bytes": 8 << 20}
        words = [word for name, value in limits.items() for word in ("--limit", f"{name}={value}")]
        with Daemon() as daemon:
            for code in programs:
                with self.subTest(code=code):
                    self.write("main.lua", code)
                    done = self.ctl_any("run", "main.lua", "-p", "strict", *words, "--seed", "7", "--json")
                    local = json.loads(done)
                    remote = daemon.run(code, None, policy="strict", limits=limits, options={"seed": 7})
                    for member in ("status", "output", "error"):
                        self.assertEqual(local[member], remote[member])
                    self.assertEqual(local["usage"]["instructions"], remote["usage"]["instructions"])
                    self.assertEqual(local["policy"], remote["policy"])

    def test_plugins_of_the_repository_have_the_same_output(self):
        with Daemon() as daemon:
            for folder in sorted((SOURCE_DIR / "plugins").glob("*/plugin.json")):
                manifest = json.loads(folder.read_text())
                if len(manifest["modules"]) > 1:
                    continue  # a request carries one chunk
                code = (folder.parent / manifest["modules"][manifest["entry"]]).read_text()
                for path in sorted((folder.parent / "tests").glob("*.json")):
                    cases = json.loads(path.read_text())
                    case = cases[0] if isinstance(cases, list) else cases
                    with self.subTest(plugin=folder.parent.name, case=path.name):
                        context = self.write("context.json", json.dumps(case.get("context")))
                        local = json.loads(self.ctl_any("run", folder.parent, "-c", f"@{context}", "--json"))
                        remote = daemon.run(code, case.get("context"))
                        self.assertEqual((local["status"], local["output"]),
                                         (remote["status"], remote["output"]))


if __name__ == "__main__":
    unittest.main()
