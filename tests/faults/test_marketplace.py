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
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from allocations import Allocations
from daemon import Daemon

SEED = int(os.environ.get("FAULTS_SEED", "1"))
STRIDE = int(os.environ.get("FAULTS_STRIDE", "29"))
POLICY_STRIDE = 17 * STRIDE if STRIDE > 1 else 1  # a change reads all policies anew
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
            # A zygote that there was no memory to start is told with the kernel's reason.
            if "Cannot allocate memory" not in answer.json["detail"]:
                self.assertIn(answer.status, (500, 503), answer)
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            self.assertEqual(answer.json["status"], answer.status)
            self.assertTrue(answer.json["code"] and answer.json["detail"], answer)
        return answer, failed

    def fail_some(self, request, then, stride=STRIDE):
        """Has allocations of requests fail; `request(number)` gives method, path, body and headers of each, and
        `then(number, answer)` looks at what came of it."""
        for number in range(1 + SEED % stride, ALLOCATIONS_MAX, stride):
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


class TestChanges(FaultsTest):
    """A change is seen from several sides, the store's and the memory's: these always agree. It has its line of the
    audit log if it was made. Asked for again, it is made, or told to be there."""

    def setUp(self):
        super().setUp()
        self.ask("PUT", "/v1/plans/narrow", {"policies": ["strict"]}, 200)
        self.serial = 0

    def last_audit(self):
        return self.ask("GET", "/v1/audit?limit=1", None, 200).json["items"][0]["id"]

    def change(self, request, views, again, stride=STRIDE, denies=False):
        """`views(number)` tells whether the change is made, of each side. What `denies` is in force at once, and goes into
        the store as soon as that can be written: its sides agree in the end."""
        def asked(number):
            self.wanted = request(number)
            self.assertEqual(set(views(number)), {False}, "before")
            self.serial = self.last_audit()
            return self.wanted

        def then(number, answer):
            made = set(views(number))
            if not denies:
                self.assertEqual(len(made), 1, f"made by halves: {views(number)}, {answer}")
                self.assertEqual(self.last_audit() - self.serial, int(made == {True}), f"lines of the audit log, {answer}")
            if answer and answer.status in (200, 201, 204):
                self.assertEqual(made, {True}, answer)
            method, path, body, headers = self.wanted
            repeated = self.ask(method, path, body, *again, headers=headers)
            self.assertEqual(set(views(number)), {True}, f"{answer}, then {repeated}")

        descriptors = self.daemon.descriptors()
        self.fail_some(asked, then, stride)
        support.wait_until(lambda: self.daemon.descriptors() <= descriptors + 8, "its descriptors to be closed again")

    def status(self, path, key=None):
        return self.daemon.request("GET", path, None, Daemon.bearer(key) if key else self.admin).status

    def run_status(self, **order):
        return self.ask("POST", "/v1/runs", order).status

    def new_key(self, tenant="acme", name=""):
        return self.ask("POST", f"/v1/tenants/{tenant}/keys", {"name": name}, 201).json

    def test_a_tenant_is_made(self):
        self.change(lambda n: ("POST", "/v1/tenants", {"id": f"t{n}"}, {}),
                    lambda n: (self.status(f"/v1/tenants/t{n}") == 200, self.status(f"/v1/tenants/t{n}/keys") == 200),
                    (201, 409))

    def test_a_tenant_is_suspended(self):
        key = self.new_key()["key"]

        def request(_):
            self.ask("PATCH", "/v1/tenants/acme", {"suspended_reason": None}, 200)
            return "PATCH", "/v1/tenants/acme", {"suspended_reason": "unpaid"}, {}

        self.change(request, lambda _: (self.ask("GET", "/v1/tenants/acme", None, 200).json["suspended"],
                                        self.status("/v1/plans", key) == 403), (200,), denies=True)

    def test_a_tenant_is_deleted(self):
        def request(n):
            self.ask("POST", "/v1/tenants", {"id": f"d{n}"}, 201)
            return "DELETE", f"/v1/tenants/d{n}", None, {}

        self.change(request, lambda n: (self.status(f"/v1/tenants/d{n}") == 404,
                                        self.status(f"/v1/tenants/d{n}/keys") == 404), (204, 404))

    def test_a_key_is_made_once(self):
        def named(n):
            return [key for key in self.ask("GET", "/v1/tenants/acme/keys", None, 200).json["items"]
                    if key["name"] == f"k{n}"]

        def request(n):
            return "POST", "/v1/tenants/acme/keys", {"name": f"k{n}"}, {"Idempotency-Key": f"k{n}"}

        def then(n, answer):
            method, path, body, headers = request(n)
            again = self.ask(method, path, body, 201, 409, headers=headers)
            for told in (answer, again):
                if told and told.status == 201:
                    self.assertEqual(self.status("/v1/plans", told.json["key"]), 200)
            self.assertEqual(len(named(n)), 1, f"{answer}, then {again}")
            self.ask("DELETE", f"{path}/{named(n)[0]['id']}", None, 204)

        self.fail_some(request, then)

    def test_a_key_is_revoked(self):
        keys = {}

        def request(n):
            keys[n] = self.new_key(name=f"r{n}")
            return "DELETE", f"/v1/tenants/acme/keys/{keys[n]['id']}", None, {}

        self.change(request, lambda n: (
            all(key["id"] != keys[n]["id"] for key in self.ask("GET", "/v1/tenants/acme/keys", None, 200).json["items"]),
            self.status("/v1/plans", keys[n]["key"]) in (401, 429)), (204, 404), denies=True)

    def test_a_plan_is_put(self):
        def views(n):
            plan = self.daemon.request("GET", f"/v1/plans/p{n}", None, self.admin)
            return (plan.status == 200 and plan.json["prices_micros"]["run"] == n,)

        self.change(lambda n: ("PUT", f"/v1/plans/p{n}", {"prices_micros": {"run": n}}, {}), views, (200,))
        for plan in self.ask("GET", "/v1/plans", None, 200).json["items"]:
            self.ask("PUT", "/v1/tenants/acme/subscription", {"plan": plan["name"]}, 200)

    def test_a_tenant_changes_its_plan(self):
        def request(_):
            self.ask("PUT", "/v1/tenants/acme/subscription", {"plan": "gold"}, 200)
            return "PUT", "/v1/tenants/acme/subscription", {"plan": "narrow"}, {}

        self.change(request, lambda _: (
            self.ask("GET", "/v1/tenants/acme/subscription", None, 200).json["plan"] == "narrow",
            self.run_status(code="return 1", policy="default", tenant="acme") == 403), (200,))

    def test_a_version_is_published(self):
        self.change(lambda n: ("PUT", f"/v1/plugins/s{n // 500}/p{n}/versions/1.0.0", PACKAGE, {}),
                    lambda n: (self.status(f"/v1/plugins/s{n // 500}/p{n}/versions/1.0.0") == 200,
                               self.run_status(plugin=f"s{n // 500}/p{n}") == 200,
                               f"s{n // 500}/p{n}" in [plugin["name"] for plugin in self.ask(
                                   "GET", f"/v1/plugins?namespace=s{n // 500}&cursor=s{n // 500}/p{n - 1}&limit=100",
                                   None, 200).json["items"]] or self.status(f"/v1/plugins/s{n // 500}/p{n}") == 200),
                    (200, 201), 3 * STRIDE if STRIDE > 1 else 1)

    def test_a_version_is_yanked(self):
        def request(n):
            self.ask("PUT", f"/v1/plugins/y{n // 500}/p{n}/versions/1.0.0", PACKAGE, 201)
            return "DELETE", f"/v1/plugins/y{n // 500}/p{n}/versions/1.0.0", None, {}

        def views(n):
            yanked = self.ask("GET", f"/v1/plugins/y{n // 500}/p{n}/versions/1.0.0", None, 200).json["yanked"]
            return yanked, self.run_status(plugin=f"y{n // 500}/p{n}") != 200

        self.change(request, views, (204,))

    def installed(self, key):
        item = self.daemon.request("GET", "/v1/plugins/acme/tool", None, Daemon.bearer(key)).json["installed"]
        return (bool(self.ask("GET", "/v1/tenants/acme/plugins", None, 200).json["items"]), item is not None)

    def test_a_plugin_is_installed(self):
        path, key = "/v1/tenants/acme/plugins/acme/tool", self.new_key()["key"]

        def request(_):
            self.ask("DELETE", path, None, 204, 404)
            return "PUT", path, {"version": "^1.0.0"}, {}

        self.change(request, lambda _: self.installed(key), (200,))

    def test_a_plugin_is_uninstalled(self):
        path, key = "/v1/tenants/acme/plugins/acme/tool", self.new_key()["key"]

        def request(_):
            self.ask("PUT", path, {"version": "^1.0.0"}, 200)
            return "DELETE", path, None, {}

        self.change(request, lambda _: [not there for there in self.installed(key)], (204, 404))

    def put_policy(self, cpu_ms):
        before = self.ask("GET", "/v1/policies/tuned")
        tag = {"If-Match": before.headers["etag"]} if before.status == 200 else {"If-None-Match": "*"}
        return self.ask("PUT", "/v1/policies/tuned", {"name": "tuned", "extends": "default", "limits": {"cpu_ms": cpu_ms}}, 200, 201,
                        headers=tag).headers["etag"]

    def test_a_policy_is_taken_away(self):
        def request(_):
            return "DELETE", "/v1/policies/tuned", None, {"If-Match": self.put_policy(50)}

        self.change(request, lambda _: (self.status("/v1/policies/tuned") == 404,
                                        self.run_status(code="return 1", policy="tuned") == 422), (200, 404), POLICY_STRIDE)

    def test_a_policy_is_rolled_back(self):
        def request(n):
            self.put_policy(50)
            self.put_policy(60)
            return "POST", "/v1/policies/tuned/rollback", {}, {"Idempotency-Key": f"back-{n}"}

        def limit():
            return self.ask("GET", "/v1/policies/tuned", None, 200).json["document"]["limits"]["cpu_ms"]

        self.change(request, lambda _: (limit() == 50, self.ask("POST", "/v1/runs", {
            "code": "return 1", "policy": "tuned"}, 200).json["limits"]["cpu_ms"] == 50), (200, 409), POLICY_STRIDE)

    def test_a_run_is_cancelled(self):
        threads = []
        self.addCleanup(lambda: [thread.join() for thread in threads])

        def running():
            return [run["id"] for run in self.ask("GET", "/v1/stats", None, 200).json["runs"]["in_flight"]]

        def request(_):
            threads.append(threading.Thread(target=self.ask, args=("POST", "/v1/runs", {
                "code": "while true do end", "limits": {"wall_ms": 20000, "cpu_ms": 20000}})))
            threads[-1].start()
            return "DELETE", f"/v1/runs/{support.wait_until(running, 'the run to begin')[0]}", None, {}

        def then(_, answer):
            if not answer or answer.status >= 300:
                for run in running():
                    self.ask("DELETE", f"/v1/runs/{run}", None, 202, 204, 404, 409)
            support.wait_until(lambda: not running(), "the end of the run")

        self.fail_some(request, then)


if __name__ == "__main__":
    support.main()
