# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key: what is asked for twice is done once."""

import contextlib
import http.client
import json
import pathlib
import signal
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
import openapi
from daemon import Daemon

RANDOM = {"code": "return math.random(1 << 40)"}
SPIN = {"code": "while true do end", "limits": {"cpu_ms": 20000}}


class Idempotency(unittest.TestCase):
    def setUp(self):
        self.server = Daemon(settings={"auth": "on"})
        self.server.start()
        self.addCleanup(self.server.stop)
        self.document = openapi.Document(self.server.get("/openapi.json").json)

    def ask(self, path, body, key, bearer=None):
        headers = {**self.server.bearer(bearer or self.server.admin_key), "Idempotency-Key": key}
        response = self.server.request("POST", path, body, headers)
        self.document.check("POST", path, response)
        return response

    def get(self, path):
        return self.server.get(path, self.server.bearer(self.server.admin_key)).json

    def test_a_run_is_done_once_and_answered_alike(self):
        first = self.ask("/v1/runs", RANDOM, '"one"')
        self.assertEqual(first.status, 200)
        self.assertNotIn("idempotency-replayed", first.headers)
        for how in (None, signal.SIGTERM, signal.SIGKILL):
            if how is not None:
                self.server.halt(how)
                self.server.start_again()
            again = self.ask("/v1/runs", RANDOM, "one")
            self.assertEqual((again.status, again.body), (200, first.body), how)
            self.assertEqual(again.headers["idempotency-replayed"], "true")
        self.assertEqual(len(self.get("/v1/runs")["items"]), 1)
        self.assertNotEqual(self.ask("/v1/runs", RANDOM, "two").body, first.body)

    def test_another_body_is_refused_and_so_is_no_key(self):
        self.ask("/v1/runs", RANDOM, "k")
        refused = self.ask("/v1/runs", {"code": "return 2"}, "k")
        self.assertEqual((refused.status, refused.json["code"]), (422, "key_reused"))
        for key in ("", '""', "x" * 256, "a\tb"):
            self.assertEqual(self.ask("/v1/runs", RANDOM, key).status, 422, key)

    def test_what_was_refused_can_be_mended_and_tried_again(self):
        self.assertEqual(self.ask("/v1/runs", {"code": 5}, "k").status, 422)
        self.assertEqual(self.ask("/v1/runs", RANDOM, "k").status, 200)
        self.assertEqual(self.ask("/v1/tenants", {"id": "acme", "plan": "absent"}, "t").status, 422)
        made = self.ask("/v1/tenants", {"id": "acme"}, "t")
        again = self.ask("/v1/tenants", {"id": "acme"}, "t")
        self.assertEqual((again.status, again.body), (201, made.body))
        self.assertEqual(again.headers["location"], made.headers["location"])

    def test_an_answer_that_is_too_long_is_not_kept_and_the_run_is_not_done_again(self):
        long = {"code": "return string.rep('x', (1 << 20) - 2)"}
        self.assertEqual(self.ask("/v1/runs", long, "k").json["status"], "ok")
        again = self.ask("/v1/runs", long, "k")
        self.assertEqual((again.status, again.json["code"]), (409, "answer_not_kept"))
        self.assertEqual(len(self.get("/v1/runs")["items"]), 1)

    def test_a_new_key_comes_back_and_is_not_in_the_store(self):
        first = self.ask("/v1/keys", {"name": "x"}, "k")
        self.assertEqual(self.ask("/v1/keys", {"name": "x"}, "k").json["key"], first.json["key"])
        self.assertEqual(len(self.get("/v1/keys")["items"]), 2)
        for path in self.server.state_dir.glob("sandboxd.db*"):
            self.assertNotIn(first.json["key"][-40:].encode(), path.read_bytes())

    def test_tenants_keys_are_their_own(self):
        bearers = []
        for tenant in ("one", "two"):
            self.ask("/v1/tenants", {"id": tenant}, tenant)
            bearers.append(self.ask(f"/v1/tenants/{tenant}/keys", {}, tenant).json["key"])
        answers = [self.ask("/v1/runs", RANDOM, "same", bearer) for bearer in bearers]
        self.assertNotEqual(answers[0].json["id"], answers[1].json["id"])

    def test_answers_of_many_are_kept_together_and_every_one_that_was_given_comes_again_after_a_kill(self):
        self.server.request("PUT", "/v1/plans/free", {}, self.server.bearer(self.server.admin_key))  # no limits
        bearers = []
        for tenant in ("floods", "quiet"):
            self.ask("/v1/tenants", {"id": tenant}, tenant)
            bearers.append(self.ask(f"/v1/tenants/{tenant}/keys", {}, tenant).json["key"])
        given = {}

        def push(worker, bearer):
            with self.server.new_connection() as connection, contextlib.suppress(OSError, http.client.HTTPException):
                for number in range(10000):
                    name = f"{worker}-{number}"
                    headers = {**self.server.bearer(bearer), "Idempotency-Key": name}
                    answer = connection.request("POST", "/v1/runs", RANDOM, headers)
                    if answer.status == 200:
                        given[name] = (bearer, answer.body)

        threads = [threading.Thread(target=push, args=(worker, bearers[worker == 0])) for worker in range(24)]
        for thread in threads:
            thread.start()
        daemon.wait_until(lambda: len(given) > 300 and "0-3" in given, "answers of both")
        self.server.process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
        self.server.halt(signal.SIGKILL)
        self.server.start_again()
        for name, (bearer, body) in given.items():
            again = self.ask("/v1/runs", RANDOM, name, bearer)
            self.assertEqual((again.status, again.body), (200, body), name)
            self.assertEqual(again.headers["idempotency-replayed"], "true")

    def test_while_the_first_goes_on_the_second_waits_its_turn_and_a_lost_client_gets_the_answer_later(self):
        def spin():
            with self.server.new_connection() as connection:
                connection.request("POST", "/v1/runs", SPIN, {**self.server.bearer(self.server.admin_key),
                                                             "Idempotency-Key": "k"})

        threading.Thread(target=spin, daemon=True).start()
        run = daemon.wait_until(lambda: self.get("/v1/stats")["runs"]["in_flight"], "the run")[0]
        refused = self.ask("/v1/runs", SPIN, "k")
        self.assertEqual((refused.status, refused.json["code"]), (409, "still_running"))
        self.server.request("DELETE", f"/v1/runs/{run['id']}", None, self.server.bearer(self.server.admin_key))
        kept = daemon.wait_until(lambda: (answer := self.ask("/v1/runs", SPIN, "k")).status == 200 and answer, "the answer")
        self.assertEqual((kept.json["id"], kept.json["status"]), (run["id"], "cancelled"))

    def test_a_run_goes_on_when_its_client_hangs_up(self):
        slow = {"code": "local t = os.clock() while os.clock() - t < 0.5 do end return 'done'"}
        connection = http.client.HTTPConnection(self.server.host, self.server.port)
        connection.request("POST", "/v1/runs", json.dumps(slow), {
            **self.server.bearer(self.server.admin_key), "Idempotency-Key": "k", "Content-Type": "application/json"})
        daemon.wait_until(lambda: self.get("/v1/stats")["runs"]["in_flight"], "the run")
        connection.close()
        body = json.dumps(slow).encode()
        kept = daemon.wait_until(lambda: (answer := self.ask("/v1/runs", body, "k")).status == 200 and answer, "the answer")
        self.assertEqual(kept.json["output"], "done")


if __name__ == "__main__":
    daemon.main()
