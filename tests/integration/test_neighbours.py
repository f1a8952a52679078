# SPDX-License-Identifier: Apache-2.0
"""Tenants beside each other: which cores their runs may use."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import Daemon

PLAN = {"requests": {}, "requests_per_key": {}, "prices_micros": {}}
SPIN = {"code": "while true do end", "limits": {"cpu_ms": 10000}}
SHORT = {"code": "return 1"}


def cores_of(pid):
    """None for a process that is gone."""
    try:
        return os.sched_getaffinity(pid)
    except ProcessLookupError:
        return None


class Neighbours(unittest.TestCase):
    def setUp(self):
        self.all = os.sched_getaffinity(0)
        if len(self.all) < 2:
            daemon.lacks("several_cores")
        self.kept = set(sorted(self.all)[:max(1, len(self.all) // 4)])
        self.service = Daemon(settings={"auth": "on"}).start()
        self.addCleanup(self.service.stop)

    def tenant(self, name):
        headers = self.service.bearer(self.service.admin_key)
        for method, path, body in (("PUT", "/v1/plans/unlimited", PLAN),
                                   ("POST", "/v1/tenants", {"id": name, "plan": "unlimited"})):
            self.assertIn(self.service.request(method, path, body, headers).status, (200, 201))
        return self.service.request("POST", f"/v1/tenants/{name}/keys", {}, headers).json["key"]

    def ask(self, key):
        answer = self.service.request("POST", "/v1/runs", SHORT, self.service.bearer(key))
        self.assertEqual(answer.status, 200, answer)

    def start_spinning(self, key):
        """The pid of a worker that spins on behalf of `key` for as long as its connection is open."""
        before = set(self.running())
        body = json.dumps(SPIN).encode()
        peer = self.service.raw_socket()
        self.addCleanup(peer.close)
        peer.sendall((f"POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
        return daemon.wait_until(lambda: next(iter(set(self.running()) - before), None), "a worker that spins")

    def workers(self, idle):
        titles = {pid: daemon.process_title(pid) for pid in self.service.descendants()}
        return [pid for pid, title in titles.items()
                if title.startswith("sandbox-worker: ") and (" idle" in title) == idle]

    def running(self):
        return self.workers(idle=False)

    def test_runs_that_last_leave_cores_to_those_of_others_and_get_them_back(self):
        quiet, noisy = self.tenant("quiet"), self.tenant("noisy")

        def kept_off():
            """The machine may be so busy that a run of a moment lasts, and so asks for nothing."""
            if not self.running():
                self.start_spinning(noisy)
            self.ask(quiet)
            return next((pid for pid in self.running() if cores_of(pid) == self.all - self.kept), None)

        worker = daemon.wait_until(kept_off, "a worker that is kept off")
        daemon.wait_until(lambda: cores_of(worker) == self.all, "a worker that has all cores again")

    def test_workers_begin_on_the_kept_cores_while_others_are_kept_off(self):
        quiet, noisy = self.tenant("quiet"), self.tenant("noisy")

        def some_begin_there():
            if not self.running():
                self.start_spinning(noisy)
            self.ask(quiet)
            return any(cores_of(pid) == self.kept for pid in self.workers(idle=True))

        daemon.wait_until(some_begin_there, "idle workers on the kept cores")

    def test_a_tenants_own_short_runs_take_no_core_from_its_others(self):
        noisy = self.tenant("noisy")
        worker = self.start_spinning(noisy)
        for _ in range(50):
            self.ask(noisy)
        self.assertEqual(cores_of(worker), self.all)


if __name__ == "__main__":
    daemon.main()
