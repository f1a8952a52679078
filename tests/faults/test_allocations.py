# SPDX-License-Identifier: Apache-2.0
"""Every allocation that sandboxd makes for a request fails once: the request is answered, or its connection
closed; the next one is answered as if nothing had been; and nothing is lost or left over. So do allocations of its
start, which then ends with a reason or gets ready all the same."""

import contextlib
import http.client
import os
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from allocations import Allocations
from daemon import Daemon

SEED = int(os.environ.get("FAULTS_SEED", "1"))
STARTS = int(os.environ.get("FAULTS_STARTS", "60"))
STRIDE = 5  # a change reads all policies anew: of so many allocations one fails
CHANGE_ALLOCATIONS_MAX = 30000
ALLOCATIONS_MAX = 3000  # of one request; more would be a fault of its own
RUN = {"code": "log.info('hello') return {context.a, ('x'):rep(100)}", "context": {"a": [1, 2]}}


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
