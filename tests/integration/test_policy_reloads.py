# SPDX-License-Identifier: Apache-2.0
"""Policies changed again and again under load: no run fails, each is stamped with a version that was live when
it started, and nothing is left behind."""

import os
import pathlib
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until

RELOADS = 200
CONNECTIONS = 8


class ReloadTest(unittest.TestCase):
    def setUp(self):
        # A sanitizer keeps what was freed for a while, which would look like growth.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        self.daemon = daemon.Daemon(policies={"busy": self.document(0)}, environment={"ASAN_OPTIONS": options}).start()
        self.addCleanup(lambda: self.daemon.stop())
        self.stop = threading.Event()
        self.runs = []  # (asked at, answered at, version)
        self.limits = set()  # (version, cpu_ms)
        self.failures = []
        self.live = []  # (asked to be live at, version)

    @staticmethod
    def document(number):
        return {"extends": "strict", "limits": {"cpu_ms": 500 + number, "wall_ms": "20s"},
                "scheduling": {"idle_workers": 2}}

    def load(self):
        with self.daemon.new_connection() as connection:
            while not self.stop.is_set():
                asked = time.monotonic()
                response = connection.request("POST", "/v1/runs", {"code": "return 6 * 7", "policy": "busy"})
                answered = time.monotonic()
                if response.status == 200 and response.json["status"] == "ok" and response.json["output"] == 42:
                    version = response.json["policy"]["version"]
                    self.runs.append((asked, answered, version))
                    self.limits.add((version, response.json["limits"]["cpu_ms"]))
                else:
                    self.failures.append(response)

    def put(self, number):
        asked = time.monotonic()
        response = self.daemon.request("PUT", "/v1/policies/busy", {"name": "busy", **self.document(number)},
                                       {"If-Match": "*"})
        self.assertEqual(response.status, 200, response)
        self.live.append((asked, time.monotonic(), response.json["version"]))

    def zygotes(self):
        return sorted(title for title in self.daemon.titles() if title.startswith("sandbox-zygote"))

    def settled_zygotes(self):
        """How many processes each policy's zygote is; a worker that is just being forked looks like one more."""
        def equal():
            titles = self.zygotes()
            counts = {titles.count(title) for title in titles}
            return titles if len(counts) == 1 and len(set(titles)) == 6 else None

        return wait_until(equal, "the zygotes to be settled")

    def check_limits(self):
        """The limits of a run are those of the version that it is stamped with."""
        numbers = {version: number for number, (_, _, version) in enumerate(self.live)}
        for version, cpu_ms in self.limits:
            self.assertEqual(cpu_ms, self.document(numbers[version])["limits"]["cpu_ms"])

    def check_versions(self):
        """A version may have been live from when it was asked for until its successor was confirmed."""
        spans = {}
        for index, (asked, _, version) in enumerate(self.live):
            until = self.live[index + 1][1] if index + 1 < len(self.live) else float("inf")
            spans[version] = (asked, until)
        for asked, answered, version in self.runs:
            self.assertIn(version, spans)
            since, until = spans[version]
            self.assertTrue(since <= answered and asked <= until,
                            f"a run from {asked} to {answered} is stamped with what was live from {since} to {until}")

    def test_two_hundred_reloads_under_load(self):
        before = self.settled_zygotes()
        self.live.append((0, 0, self.daemon.get("/v1/policies/busy").json["version"]))
        threads = [threading.Thread(target=self.load) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        memory = []
        try:
            for number in range(1, RELOADS + 1):
                self.put(number)
                if number % 20 == 0:
                    memory.append(self.daemon.resident_bytes())
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(self.failures, [])
        self.assertGreater(len(self.runs), RELOADS)
        self.assertEqual(len({version for _, _, version in self.live}), RELOADS + 1)
        self.assertGreater(len({version for _, _, version in self.runs}), RELOADS // 4)
        self.check_versions()
        self.check_limits()
        wait_until(lambda: self.zygotes() == before, f"the old zygotes to be gone: {self.zygotes()} {before}")
        # The first samples pay for what is kept: caches, the queue of history. After that it stays flat.
        # A sanitizer keeps freed memory back: there only a leak of whole policies would show.
        slack = (16 << 20) if "ASAN_OPTIONS" in os.environ else (2 << 20)
        if daemon.MEMORY_TELLS:
            self.assertLess(memory[-1], memory[len(memory) // 2] + slack, memory)
        metrics = self.daemon.get("/metrics").body.decode()
        self.assertIn(f'sandbox_policy_reloads_total{{result="ok"}} {RELOADS + 1}\n', metrics)

    def test_reloads_by_signal_under_load(self):
        before = self.settled_zygotes()
        threads = [threading.Thread(target=self.load) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        try:
            for number in range(1, 11):
                seen = len(self.daemon.records)
                self.daemon.write_policy("busy", self.document(number))
                self.daemon.process.send_signal(signal.SIGHUP)
                wait_until(lambda: any(record["msg"] == "policies reloaded"
                                       for record in self.daemon.records[seen:]), "the reload")
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(self.failures, [])
        wait_until(lambda: self.zygotes() == before, f"the old zygotes to be gone: {self.zygotes()} {before}")


if __name__ == "__main__":
    daemon.main()
