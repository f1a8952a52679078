# SPDX-License-Identifier: Apache-2.0
"""Incidents as the health checks see them, from the first look to the recovery: a collector that is gone, and a disk
that runs full (a small one of its own, which nobody else sees)."""

import ctypes
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import system_python

system_python.need("google.protobuf", "python3-protobuf")

import daemon
from collector import Collector
from daemon import wait_until

CLONE_NEWNS, CLONE_NEWUSER, MS_REC, MS_PRIVATE = 0x20000, 0x10000000, 0x4000, 0x40000
OFTEN = {"health_interval_ms": 20}
LIBC = ctypes.CDLL(None, use_errno=True)


def own_disk(folder):
    """In a child: mounts a disk of 8 MiB there, for itself and what it starts alone."""
    uid, gid = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWNS | (CLONE_NEWUSER if uid != 0 else 0)) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            pathlib.Path("/proc/self", name).write_text(text, encoding="ascii")
    LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None)
    if LIBC.mount(b"none", str(folder).encode(), b"tmpfs", 0, b"size=8m") != 0:
        raise OSError(ctypes.get_errno(), "mount")


def can_have_own_disk():
    pid = os.fork()
    if pid == 0:
        try:
            own_disk("/tmp")
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


if not can_have_own_disk():
    print("host lacks: mount_namespace")
    sys.exit(77)


class SmallDisk(daemon.Daemon):
    def _become(self):
        super()._become()
        own_disk(self.state_dir)

    @property
    def disk(self):
        """The state folder as the daemon sees it."""
        return pathlib.Path(f"/proc/{self.pid}/root{self.state_dir}")


class IncidentsTest(unittest.TestCase):
    def check(self, running, name):
        return running.get("/v1/health").json["checks"][name][0]

    def metric(self, running, name):
        page = running.get("/metrics").body.decode()
        return int(re.search(rf'^sandbox_health_check\{{check="{name}"\}} (\d)$', page, re.M)[1])

    def assert_warned(self, running, name):
        """After three bad looks: in the report, in the metric, and once in the log."""
        found = wait_until(lambda: (seen := self.check(running, name))["status"] == "warn" and seen, f"{name} to warn")
        self.assertEqual(found["failures"], 3)
        self.assertTrue(found["output"])
        report = running.get("/v1/health")
        self.assertEqual((report.status, report.json["status"]), (200, "warn"))
        self.assertEqual(self.metric(running, name), 1)
        component, _, measurement = name.partition(":")
        running.wait_for_log(lambda r: r["msg"] == "health check warns" and r["component"] == component and
                             r["measurement"] == measurement and r["level"] == "warn", "the warning")
        self.assertEqual(running.run("return 1")["output"], 1)
        return found

    def assert_recovered(self, running, name):
        wait_until(lambda: self.check(running, name)["status"] == "pass", f"{name} to pass")
        self.assertEqual(self.metric(running, name), 0)
        self.assertNotIn("failures", self.check(running, name))
        component = name.partition(":")[0]
        running.wait_for_log(lambda r: r["msg"] == "health check is well again" and r["component"] == component,
                             "the recovery")

    def test_a_collector_that_is_gone_is_told_and_forgotten_when_it_is_back(self):
        with Collector() as collector:
            environment = collector.environment(OTEL_TRACES_SAMPLER="always_on", OTEL_BSP_EXPORT_TIMEOUT="100")
            with daemon.Daemon(settings=OFTEN, environment=environment) as running:
                running.run("return 1")
                wait_until(lambda: collector.spans, "the first spans")
                self.assertEqual((self.check(running, "exporter:dropped")["status"], self.metric(running, "exporter:dropped")),
                                 ("pass", 0))
                collector.stop()
                running.run("return 1")
                found = self.assert_warned(running, "exporter:dropped")
                self.assertIn("collector", found["output"])
                self.assertGreater(found["observedValue"], 0)
                self.assertIn('sandbox_otlp_spans_dropped_total{reason="failed"}', running.get("/metrics").body.decode())
                collector.start()
                running.run("return 1")
                self.assert_recovered(running, "exporter:dropped")

    def test_a_disk_that_runs_full_is_told_until_there_is_room_again(self):
        with SmallDisk(settings=OFTEN) as running:
            self.assertEqual(self.check(running, "disk:available")["status"], "pass")
            self.assertLess(self.check(running, "disk:available")["observedValue"], 8 << 20)
            filler = running.disk / "filler"
            with open(filler, "wb") as file:
                file.write(bytes(running.get("/v1/health").json["checks"]["disk:available"][0]["observedValue"] - (512 << 10)))
            found = self.assert_warned(running, "disk:available")
            self.assertIn(str(running.state_dir), found["output"])
            self.assertLessEqual(found["observedValue"], 512 << 10)
            filler.unlink()
            self.assert_recovered(running, "disk:available")


if __name__ == "__main__":
    daemon.main()
