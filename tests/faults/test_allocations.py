# SPDX-License-Identifier: Apache-2.0
"""Every allocation that sandboxd makes for a request fails once: the request is answered, or its connection
closed; the next one is answered as if nothing had been; and nothing is lost or left over. So do allocations of its
start, which then ends with a reason or gets ready all the same. Of what is read of a marketplace one allocation in
FAULTS_STRIDE fails, from FAULTS_SEED on; by hand, FAULTS_STRIDE=1."""

import contextlib
import http.client
import mmap
import os
import pathlib
import random
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon

ALLOCATOR = support.BUILD_DIR / "tests" / "faults" / "failing_allocator.so"
SEED = int(os.environ.get("FAULTS_SEED", "1"))
STARTS = int(os.environ.get("FAULTS_STARTS", "60"))
STRIDE = 5  # a change reads all policies anew: of so many allocations one fails
CHANGE_ALLOCATIONS_MAX = 30000
ROUTES_STRIDE = int(os.environ.get("FAULTS_STRIDE", "29"))
ALLOCATIONS_MAX = 3000  # of one request; more would be a fault of its own
RUN = {"code": "log.info('hello') return {context.a, ('x'):rep(100)}", "context": {"a": [1, 2]}}


def setUpModule():
    if not ALLOCATOR.exists():
        raise FileNotFoundError(f"{ALLOCATOR} is not built: without it, nothing would fail")


class Allocations:
    """The count in the file that the preloaded library shares."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(prefix="sandboxd-test-allocations-")
        os.write(handle, bytes(8))
        self._shared = mmap.mmap(handle, 8)
        os.close(handle)
        self.environment = {"LD_PRELOAD": str(ALLOCATOR), "FAILING_ALLOCATOR": self.path}

    def fail(self, number):
        """The number-th allocation from now fails."""
        self._shared[:] = struct.pack("q", number)

    def have_failed(self):
        return struct.unpack("q", self._shared[:])[0] <= 0

    def close(self):
        self.fail(0)
        self._shared.close()
        os.unlink(self.path)


class TestRequests(unittest.TestCase):
    def setUp(self):
        self.allocations = Allocations()
        self.addCleanup(self.allocations.close)
        self.daemon = self.enterContext(Daemon(environment=self.allocations.environment))

    def fail_each(self, method, path, body, good):
        """Fails the first, the second, ... allocation of one request each, until one does without so many."""
        answers = set()
        for number in range(1, ALLOCATIONS_MAX):
            self.allocations.fail(number)
            with contextlib.closing(self.daemon.new_connection()) as connection:
                try:
                    answer = connection.request(method, path, body)
                except (http.client.HTTPException, OSError):
                    answer = None  # closed: there was no memory to answer with
            failed = self.allocations.have_failed()
            self.allocations.fail(0)
            self.assertIsNone(self.daemon.process.poll(), f"allocation {number} of {method} {path} ended the service")
            answers.add(answer.status if answer else "closed")
            if answer and answer.status == 200 and path == "/v1/runs" and method == "POST":
                self.assertIn(answer.json["status"], ("ok", "internal_error"), "want of memory is not the plugin's fault")
            if answer and answer.status >= 400:
                self.assertIn(answer.status, (413, 422, 500, 503), answer)
            after = self.daemon.request(method, path, body)
            self.assertIn(after.status, good, f"after allocation {number}: {after}")
            if not failed:
                return answers
        self.fail(f"{method} {path} makes more than {ALLOCATIONS_MAX} allocations")

    def test_each_of_a_run(self):
        before = self.daemon.descriptors()
        answers = self.fail_each("POST", "/v1/runs", RUN, (200,))
        self.assertIn(200, answers)
        support.wait_until(lambda: self.daemon.descriptors() <= before + 8, "its descriptors to be closed again")

    def test_each_of_a_validation(self):
        self.fail_each("POST", "/v1/validate", {"code": "local x = 1\nreturn y"}, (200,))

    def test_each_of_reading(self):
        run = self.daemon.run(RUN["code"], RUN["context"])
        support.wait_until(lambda: self.daemon.get("/v1/runs/" + run["id"]).status == 200, "the run's record")
        for path in ("/v1/runs", "/v1/runs/" + run["id"], "/v1/policies/default", "/v1/health", "/v1/stats", "/metrics"):
            with self.subTest(path):
                self.fail_each("GET", path, None, (200,))

    def test_each_of_checking_a_policy(self):
        document = {"name": "default", "extends": "strict", "limits": {"cpu_ms": 50}}
        self.fail_each("POST", "/v1/policies/check", document, (200,))

    @staticmethod
    def tag(answer):
        return answer.status, answer.headers.get("etag")

    def test_any_of_a_policy_change_leaves_the_old_or_the_new(self):
        document = {"name": "tuned", "extends": "default", "limits": {"cpu_ms": 50}}
        for number in range(1 + SEED % STRIDE, CHANGE_ALLOCATIONS_MAX, STRIDE):
            document["limits"]["cpu_ms"] = wanted = 50 + number % 2
            before = self.daemon.get("/v1/policies/tuned")
            tag = {"If-Match": before.headers["etag"]} if before.status == 200 else {"If-None-Match": "*"}
            self.allocations.fail(number)
            with contextlib.closing(self.daemon.new_connection()) as connection:
                try:
                    status = connection.request("PUT", "/v1/policies/tuned", document, tag).status
                except (http.client.HTTPException, OSError):
                    status = None
            failed = self.allocations.have_failed()
            self.allocations.fail(0)
            self.assertIsNone(self.daemon.process.poll(), f"allocation {number} ended the service")
            after = self.daemon.get("/v1/policies/tuned")
            if status in (200, 201):
                self.assertEqual(after.json["document"]["limits"]["cpu_ms"], wanted, f"allocation {number}: said to be done")
            elif status == 500 and self.tag(after) != self.tag(before):
                # It was made, and then there was no memory to tell of it.
                self.assertEqual(after.json["document"]["limits"]["cpu_ms"], wanted, f"allocation {number}")
            elif status is not None:
                self.assertEqual(self.tag(after), self.tag(before), f"allocation {number}: {status}")
            if not failed:
                self.assertIn(status, (200, 201))
                return
        self.fail("a change makes more allocations than that")


class TestMarketplace(unittest.TestCase):
    """What is read of tenants, keys, plans and plugins, with a key."""

    def setUp(self):
        self.allocations = Allocations()
        self.addCleanup(self.allocations.close)
        self.daemon = self.enterContext(Daemon(environment=self.allocations.environment, settings={"auth": "on"}))
        self.admin = Daemon.bearer(self.daemon.admin_key)
        self.ask("PUT", "/v1/plans/gold", {"prices_micros": {"run": 5}}, 200)
        self.ask("POST", "/v1/tenants", {"id": "acme", "plan": "gold"}, 201)
        self.ask("PUT", "/v1/plugins/acme/tool/versions/1.0.0", self.package("return 1"), 201)

    @staticmethod
    def package(code):
        return {"manifest": {"description": "a tool"}, "modules": {"main": code}}

    def ask(self, method, path, body=None, *expected, headers=None):
        answer = self.daemon.request(method, path, body, {**self.admin, **(headers or {})})
        if expected:
            self.assertIn(answer.status, expected, f"{method} {path}: {answer}")
        return answer

    def fail_some(self, request, then):
        """Has allocations of requests fail; `request(number)` gives method, path, body and headers of each, and
        `then(number, status)` looks at what came of it, status None for a closed connection."""
        for number in range(1 + SEED % ROUTES_STRIDE, CHANGE_ALLOCATIONS_MAX, ROUTES_STRIDE):
            method, path, body, headers = request(number)
            what = f"allocation {number} of {method} {path}"
            with contextlib.closing(self.daemon.new_connection()) as connection:
                self.allocations.fail(number)
                try:
                    answer = connection.request(method, path, body, {**self.admin, **headers})
                except (http.client.HTTPException, OSError):
                    answer = None
            failed = self.allocations.have_failed()
            self.allocations.fail(0)
            self.assertIsNone(self.daemon.process.poll(), f"{what} ended the service")
            if answer and answer.status >= 400:
                self.assertIn(answer.status, (413, 422, 500, 503), f"{what}: {answer}")
            with self.subTest(what, answer=answer):
                then(number, answer and answer.status)
            if not failed:
                self.assertTrue(answer and answer.status < 300, f"{what}: nothing failed, and yet {answer}")
                return
        self.fail("a request makes more allocations than that")

    def test_reading_takes_nothing_away(self):
        self.ask("PUT", "/v1/tenants/acme/plugins/acme/tool", {"version": "^1.0.0"}, 200, 201)
        for path in ("/v1/tenants", "/v1/tenants/acme", "/v1/tenants/acme/keys", "/v1/tenants/acme/subscription",
                     "/v1/tenants/acme/usage", "/v1/tenants/acme/plugins", "/v1/keys", "/v1/plans", "/v1/plans/gold",
                     "/v1/plugins", "/v1/plugins/acme/tool", "/v1/audit",
                     "/v1/costs/daily", "/v1/costs/tenants"):
            self.fail_some(lambda _, path=path: ("GET", path, None, {}),
                           lambda _, _status, path=path: self.ask("GET", path, None, 200))


class TestStart(unittest.TestCase):
    def test_a_start_without_memory_says_so_or_goes_on(self):
        allocations = Allocations()
        self.addCleanup(allocations.close)
        chance = random.Random(SEED)
        spread = sorted({chance.randint(1, 10000) for _ in range(STARTS)} | set(range(1, 20)))
        ended = ready = 0
        for number in spread:
            daemon = Daemon(environment=allocations.environment)
            allocations.fail(number)
            try:
                daemon.start()
            except AssertionError:
                allocations.fail(0)
                self.assertGreater(daemon.process.returncode, 0,
                                   f"allocation {number} (seed {SEED}) of the start: {daemon.log_text}")
                self.assertTrue(daemon.log_text.strip(), f"allocation {number}: ended without a word")
                ended += 1
                continue
            allocations.fail(0)
            self.assertEqual(daemon.run("return 1")["output"], 1, f"allocation {number}")
            daemon.stop()
            ready += 1
        print(f"{ended} starts ended with a reason, {ready} got ready")
        self.assertGreater(ended, 0)


if __name__ == "__main__":
    support.main()
