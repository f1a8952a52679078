# SPDX-License-Identifier: Apache-2.0
"""Works as an ordinary user, with no right at all. Started as root, the test becomes nobody for it; else it is one
already."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon
from plugins import plugins

NOBODY = 65534
ALWAYS = ("seccomp", "rlimits", "no_new_privs", "not_dumpable", "descriptors", "lua_environment")


def credentials(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return {key: value.split() for key, value in (line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)}


class OrdinaryUser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_as = NOBODY if os.geteuid() == 0 else None
        if cls.run_as and subprocess.run(["setpriv", f"--reuid={NOBODY}", "--clear-groups", "true"], check=False).returncode != 0:
            support.lacks("changing_uid")
        # The build folder may lie where nobody may look: what is needed is copied.
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="sandboxd-test-bin-"))
        cls.scratch.chmod(0o755)
        zygote = support.ZYGOTE
        for program in (support.SANDBOXD, zygote):
            shutil.copy(program, cls.scratch)
        support.SANDBOXD = cls.scratch / "sandboxd"
        try:
            cls.daemon = Daemon(run_as=cls.run_as, environment={"SANDBOX_ZYGOTE_PATH": str(cls.scratch / zygote.name)}).start()
        except AssertionError:
            shutil.rmtree(cls.scratch)
            raise

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        shutil.rmtree(cls.scratch)

    def test_nothing_of_it_is_root(self):
        for pid in [self.daemon.pid, *self.daemon.descendants()]:
            status = credentials(pid)
            self.assertNotIn("0", status["Uid"], support.process_title(pid))
            self.assertNotIn("0", status["Gid"], support.process_title(pid))

    def test_workers_have_no_right_left(self):
        workers = [pid for pid in self.daemon.descendants() if support.process_title(pid).startswith("sandbox-worker")]
        self.assertTrue(workers)
        for pid in workers:
            status = credentials(pid)
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                self.assertEqual(0, int(status[name][0], 16), name)
            self.assertEqual(["1"], status["NoNewPrivs"])
            self.assertEqual(["2"], status["Seccomp"])
            self.assertEqual([], status.get("Groups", []) if self.run_as else [])

    def test_runs_end_as_for_root(self):
        for code, status in (("return 1", "ok"), ("error('x')", "plugin_error"), ("while true do end", "cpu_limit"),
                             ("return #('x'):rep(1 << 30)", "memory_limit"), ("return return", "syntax_error")):
            with self.subTest(code=code):
                result = self.daemon.run(code, limits={"cpu_ms": 100, "memory_bytes": 4 << 20})
                self.assertEqual(status, result["status"], result["error"])

    def test_plugins_work(self):
        for plugin in plugins():
            for _, case in plugin.cases():
                result = self.daemon.run(plugin.chunk(), **plugin.envelope(case))
                self.assertEqual(plugin.expected(case)["status"], result["status"],
                                 (plugin.name, case["name"], result["error"]))

    def test_every_layer_is_told_of(self):
        report = self.daemon.get("/v1/health").json
        self.assertIn(report["status"], ("pass", "warn"))
        layers = self.daemon.get("/v1/stats").json["isolation"]
        for name in ALWAYS:
            self.assertEqual("active", layers[name], name)
        self.assertLessEqual(set(layers.values()), {"active", "degraded", "missing"})


if __name__ == "__main__":
    support.main()
