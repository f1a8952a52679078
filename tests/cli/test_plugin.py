# SPDX-License-Identifier: Apache-2.0
"""sandboxctl plugin: from a folder to a tenant's installed plugin."""

import json
import unittest

import cli
from daemon import Daemon


class Plugins(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.daemon = Daemon().start()
        self.addCleanup(self.daemon.stop)
        self.environment["SANDBOXCTL_URL"] = f"http://{self.daemon.host}:{self.daemon.port}"
        self.daemon.post("/v1/tenants", {"id": "shop"})

    def scaffold(self, folder="greeter", **manifest):
        """A new plugin as `sandboxctl new` makes it, with members of its manifest changed."""
        if not (self.folder / folder).exists():
            self.ctl("new", folder)
        path = self.folder / folder / "plugin.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **manifest}, indent=2))

    def test_a_plugin_is_published_found_installed_and_run(self):
        self.scaffold()
        out, _ = self.ctl("plugin", "publish", "greeter", "--namespace", "acme")
        self.assertIn("acme/greeter 0.1.0 is published", out)
        self.ctl("plugin", "publish", "greeter", "--namespace", "acme")  # the same again
        self.assertIn("Greets a person", self.ctl("plugin", "list", "--namespace", "acme")[0])
        self.assertIn("0.1.0", self.ctl("plugin", "get", "acme/greeter")[0])
        self.assertIn("main", self.ctl("plugin", "get", "acme/greeter@0.1.0")[0])
        out, _ = self.ctl("plugin", "install", "acme/greeter", "--tenant", "shop")
        self.assertEqual(out, "acme/greeter is installed at ^0.1.0, which is 0.1.0 now\n")
        result = self.daemon.post("/v1/runs", {"plugin": "acme/greeter", "context": {"name": "Ada"}}).json
        self.assertEqual(result["output"], {"greeting": "Hello, Ada!"})
        self.assertEqual(result["plugin"], {"name": "acme/greeter", "version": "0.1.0"})
        self.assertIn("^0.1.0", self.ctl("plugin", "installed", "--tenant", "shop")[0])
        self.ctl("plugin", "uninstall", "acme/greeter", "--tenant", "shop")
        self.assertEqual(self.ctl("plugin", "installed", "--tenant", "shop")[0], "")
        self.ctl("plugin", "uninstall", "acme/greeter", "--tenant", "shop", status=cli.NOT_FOUND)

    def test_what_is_published_runs_as_it_does_here(self):
        self.scaffold(name="acme/tool", version="1.0.0", modules={"main": "lua/start.lua", "util": "lua/util.lua"})
        folder = self.folder / "greeter"
        (folder / "lua").mkdir()
        (folder / "lua" / "start.lua").write_text("return require('util').twice(context)\n")
        (folder / "lua" / "util.lua").write_text("return {twice = function(n)\n  return n.x * 2\nend}\n")
        self.ctl("plugin", "publish", "greeter")
        there = self.daemon.post("/v1/runs", {"plugin": "acme/tool", "context": "no table"}).json
        here = self.ctl_json("run", "greeter", "--context", '"no table"', status=cli.PLUGIN_FAILED)
        for member in ("status", "error", "output"):
            self.assertEqual(there[member], here[member])

    def test_limits_and_schemas_of_the_manifest_hold_here_as_there(self):
        number = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
        self.scaffold(name="acme/held", version="1.0.0", input=number, output=number, limits={"cpu_ms": 30})
        (self.folder / "greeter" / "main.lua").write_text(
            "if context.n == 0 then while true do end end\nreturn {n = context.n > 5 and 'many' or context.n}\n")
        self.ctl("plugin", "publish", "greeter")
        for n in (1, 7, 0):
            there = self.daemon.post("/v1/runs", {"plugin": "acme/held", "context": {"n": n}}).json
            here = self.ctl_json("run", "greeter", "--context", json.dumps({"n": n}),
                                 status=cli.SUCCESS if n == 1 else cli.PLUGIN_FAILED)
            self.assertEqual((there["status"], there["output"], there["limits"]),
                             (here["status"], here["output"], here["limits"]))
            if n == 7:
                self.assertEqual(there["error"], here["error"])
            if n == 0:
                self.assertEqual([end["error"]["limit"]["set_by"] for end in (here, there)], ["plugin"] * 2)
        refused = self.daemon.post("/v1/runs", {"plugin": "acme/held", "context": {"n": "1"}}).json
        _, err = self.ctl("run", "greeter", "--context", '{"n": "1"}', status=cli.PLUGIN_FAILED)
        [fault] = refused["errors"]
        self.assertIn(f'{fault["pointer"]}: {fault["detail"]}', err)

    def test_faults_are_told_before_anything_is_sent(self):
        self.scaffold(licence="MIT", input={"type": "objekt"})
        self.environment["SANDBOXCTL_URL"] = "http://127.0.0.1:1"  # nobody is asked
        _, err = self.ctl("plugin", "publish", "greeter", "--namespace", "acme", status=cli.PLUGIN_FAILED)
        self.assertRegex(err, r'greeter/plugin\.json:\d+:\d+: error: /licence: unknown member; did you mean "license"\?')
        self.assertRegex(err, r"greeter/plugin\.json:\d+:\d+: error: /input/type: expected null, boolean")
        self.scaffold("other")
        self.assertIn("--namespace", self.ctl("plugin", "publish", "other", status=cli.USAGE)[1])
        self.ctl("plugin", "publish", "other", "--namespace", "acme", "--dry-run")
        self.assertIn("lower-case letters", self.ctl("plugin", "publish", "other", "--namespace", "ACME", status=cli.USAGE)[1])
        self.ctl("plugin", "publish", "other", "--namespace", "acme", status=cli.UNREACHABLE)
        self.ctl("plugin", "publish", "absent", "--namespace", "acme", status=cli.NOT_FOUND)

    def test_a_changed_version_is_refused_and_a_yanked_one_passed_over(self):
        for version in ("1.0.0", "1.1.0"):
            self.scaffold(version=version)
            self.ctl("plugin", "publish", "greeter", "--namespace", "acme")
        self.scaffold(description="Changed")
        self.assertIn("never changes", self.ctl("plugin", "publish", "greeter", "--namespace", "acme",
                                                status=cli.FAILURE)[1])
        self.ctl("plugin", "yank", "acme/greeter", status=cli.USAGE)
        self.ctl("plugin", "yank", "acme/greeter@1.1.0")
        self.assertRegex(self.ctl("plugin", "get", "acme/greeter")[0], r"latest +1\.0\.0\n")
        self.assertIn("yanked", self.ctl("plugin", "get", "acme/greeter")[0])
        self.scaffold(version="1.1.0", description="Greets a person")
        out, err = self.ctl("plugin", "publish", "greeter", "--namespace", "acme")
        self.assertIn("acme/greeter 1.1.0 is published", out)
        self.assertRegex(err, r"warning: this version was yanked at 20\S+Z and stays so; publish the next one")
        self.ctl("plugin", "install", "acme/greeter@^1.1", "--tenant", "shop", status=cli.NOT_FOUND)
        self.ctl("plugin", "install", "acme/greeter", status=cli.USAGE)
        self.ctl("plugin", "get", "greeter", status=cli.USAGE)
        self.ctl("plugin", "get", "acme/absent", status=cli.NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
