# SPDX-License-Identifier: Apache-2.0
"""Allocations of what is asked with a key fail, one each time: what is read is read whole or not at all, what is
changed is changed whole or not at all, and nothing is done twice. One allocation in FAULTS_STRIDE fails, from
FAULTS_SEED on; by hand, FAULTS_STRIDE=1."""

import contextlib
import http.client
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from allocations import Allocations
from daemon import Daemon

SEED = int(os.environ.get("FAULTS_SEED", "1"))
STRIDE = int(os.environ.get("FAULTS_STRIDE", "29"))
ALLOCATIONS_MAX = 30000  # of one request; more would be a fault of its own
PACKAGE = {"manifest": {"description": "a tool"}, "modules": {"main": "return 1"}}


class FaultsTest(unittest.TestCase):
    """A service with a tenant, a plan and a plugin, any allocation of which can be made to fail."""

    def setUp(self):
        self.allocations = Allocations()
        self.addCleanup(self.allocations.close)
        self.daemon = self.enterContext(Daemon(environment=self.allocations.environment, settings={"auth": "on"}))
        self.admin = Daemon.bearer(self.daemon.admin_key)
        self.ask("PUT", "/v1/plans/gold", {"prices_micros": {"run": 5}}, 200)
        self.ask("POST", "/v1/tenants", {"id": "acme", "plan": "gold"}, 201)
        self.ask("PUT", "/v1/plugins/acme/tool/versions/1.0.0", PACKAGE, 201)

    def ask(self, method, path, body=None, *expected, headers=None):
        answer = self.daemon.request(method, path, body, {**self.admin, **(headers or {})})
        if expected:
            self.assertIn(answer.status, expected, f"{method} {path}: {answer}")
        return answer

    def failing(self, number, method, path, body, headers):
        """The answer of a request whose number-th allocation fails, None if its connection was closed for want of
        memory, and whether there was such an allocation."""
        with contextlib.closing(self.daemon.new_connection()) as connection:
            self.allocations.fail(number)
            try:
                answer = connection.request(method, path, body, {**self.admin, **headers})
            except (http.client.HTTPException, OSError):
                answer = None
        failed = self.allocations.have_failed()
        self.allocations.fail(0)
        self.assertIsNone(self.daemon.process.poll(), "it ended the service")
        if answer and answer.status >= 400:
            self.assertIn(answer.status, (500, 503), answer)
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertEqual(answer.json["status"], answer.status)
            self.assertTrue(answer.json["code"] and answer.json["detail"], answer)
        return answer, failed

    def fail_some(self, request, then):
        """Has allocations of requests fail; `request(number)` gives method, path, body and headers of each, and
        `then(number, answer)` looks at what came of it."""
        for number in range(1 + SEED % STRIDE, ALLOCATIONS_MAX, STRIDE):
            wanted = request(number)
            with self.subTest(f"allocation {number} of {wanted[0]} {wanted[1]}"):
                answer, failed = self.failing(number, *wanted)
                then(number, answer)
                if not failed:
                    self.assertTrue(answer and answer.status < 300, f"nothing failed, and yet {answer}")
            if not failed:
                return
        self.fail("a request makes more allocations than that")


class TestReading(FaultsTest):
    @staticmethod
    def steady(answer):
        """What does not change by itself."""
        return re.sub(rb'"last_used_at":"[^"]*"', b"", answer.body)

    def test_reading_takes_nothing_away(self):
        self.ask("PUT", "/v1/tenants/acme/plugins/acme/tool", {"version": "^1.0.0"}, 200, 201)
        for path in ("/v1/tenants", "/v1/tenants/acme", "/v1/tenants/acme/keys", "/v1/tenants/acme/subscription",
                     "/v1/tenants/acme/usage", "/v1/tenants/acme/plugins", "/v1/keys", "/v1/plans", "/v1/plans/gold",
                     "/v1/plugins", "/v1/plugins/acme/tool", "/v1/plugins/acme/tool/versions/1.0.0", "/v1/audit",
                     "/v1/costs/daily", "/v1/costs/tenants"):
            whole = self.ask("GET", path, None, 200)

            def then(_, answer, path=path, whole=whole):
                if answer and answer.status == 200:
                    self.assertEqual(self.steady(answer), self.steady(whole))
                self.assertEqual(self.steady(self.ask("GET", path, None, 200)), self.steady(whole))

            self.fail_some(lambda _, path=path: ("GET", path, None, {}), then)


class TestOnce(FaultsTest):
    def runs(self):
        """Those that the service did not fail: of the others, nothing is ever given out."""
        return [run["id"] for run in self.ask("GET", "/v1/runs?limit=100", None, 200).json["items"]
                if run["status"] != "internal_error"]

    def test_a_run_is_done_once(self):
        def request(number):
            return "POST", "/v1/runs", {"plugin": "acme/tool"}, {"Idempotency-Key": f"run-{number}"}

        done = set()

        def then(number, answer):
            again = self.ask(*request(number)[:3], 200, 409, headers=request(number)[3])
            if again.headers.get("idempotency-replayed") == "true" and answer and answer.status == 200:
                self.assertEqual(again.body, answer.body)
            new = set(self.runs()) - done
            done.update(new)
            self.assertEqual(len(new), 1, f"{answer}, then {again}")
            told = f"/v1/runs/{new.pop()}"
            if again.status == 409:
                self.assertEqual(again.json["code"], "answer_not_kept", again)
                if "no memory for it" in again.json["detail"]:
                    self.assertIn(told, again.json["detail"])

        self.fail_some(request, then)


if __name__ == "__main__":
    support.main()
