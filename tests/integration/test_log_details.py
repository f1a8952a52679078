# SPDX-License-Identifier: Apache-2.0
"""What `debug` and `trace` tell of each module: only while they are on, and never a secret; and what is left out."""

import http.client
import json
import pathlib
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import system_python

system_python.need("google.protobuf", "python3-protobuf")

import daemon
from collector import Collector
from daemon import wait_until

RUN = {"code": "return 1"}


class DetailsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = daemon.Daemon(settings={"auth": "on"})
        self.daemon.start()
        self.addCleanup(self.daemon.stop)

    def levels(self, modules):
        """Changes the levels of single modules while the service runs."""
        config = json.loads(self.daemon.config_path.read_text(encoding="utf-8"))
        config["log"]["modules"] = modules
        self.daemon.config_path.write_text(json.dumps(config), encoding="utf-8")
        before = sum(record["msg"] == "policies reloaded" for record in self.daemon.records)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: sum(record["msg"] == "policies reloaded" for record in self.daemon.records) > before,
                   "the reload")

    def ask(self, method, path, body=None, key=None, **headers):
        return self.daemon.request(method, path, body, {**self.daemon.bearer(key or self.daemon.admin_key), **headers})

    def told(self, module, message, **fields):
        """The first record of a module's message that has these fields."""
        return self.daemon.wait_for_log(
            lambda record: (record.get("module"), record["msg"]) == (module, message) and
            all(record.get(name) == value for name, value in fields.items()), f"{module}: {message}")

    def details(self):
        return [record for record in self.daemon.records if record["level"] in ("debug", "trace")]

    def test_nothing_is_told_until_it_is_switched_on_nor_after(self):
        self.ask("POST", "/v1/runs", RUN)
        self.assertFalse(self.details())
        self.levels("engine=trace,http=trace,store=debug")
        run_id = self.ask("POST", "/v1/runs", RUN, **{"X-Request-Id": "on"}).json["id"]
        received = self.told("http", "request received", request_id="on")
        self.assertEqual((received["method"], received["path"]), ("POST", "/v1/runs"))
        self.assertIn("Authorization", received["header_names"].split(", "))
        self.told("engine", "run started", run_id=run_id, policy="default")
        self.told("engine", "worker ended", run_id=run_id)
        self.assertGreaterEqual(self.told("store", "runs written")["rows"], 1)
        self.assertLessEqual({record["module"] for record in self.details()}, {"engine", "http", "store"})
        self.levels("")
        self.ask("POST", "/v1/runs", RUN, **{"X-Request-Id": "off"})
        self.ask("GET", "/nothing", **{"X-Request-Id": "end"})
        self.told("http", "request", request_id="end")
        self.assertFalse([record for record in self.details() if record.get("request_id") == "off"])

    def test_a_worker_that_is_killed_is_told_with_the_reason(self):
        self.levels("engine=debug,run=info")
        spinning = {"code": "while true do end", "limits": {"cpu_ms": 20000}}
        thread = threading.Thread(target=self.ask, args=("POST", "/v1/runs", spinning))
        thread.start()
        running = wait_until(lambda: self.ask("GET", "/v1/stats").json["runs"]["in_flight"], "the run")
        self.assertEqual(self.ask("DELETE", "/v1/runs/" + running[0]["id"]).status, 202)
        thread.join()
        self.assertEqual(self.told("engine", "worker killed", run_id=running[0]["id"])["detail"], "cancelled")

    def test_changes_of_policies_are_told(self):
        self.levels("policies=debug")
        document = {"description": "a test's", "extends": "default"}
        self.assertIn(self.ask("PUT", "/v1/policies/mine", {"name": "mine", **document},
                               **{"If-None-Match": "*"}).status, (200, 201))
        changed = self.told("policies", "policy changed", policy="mine")
        self.told("policies", "policy resolved", policy="mine", policy_version=changed["after"])
        self.assertTrue(self.told("policies", "engine's policies swapped")["done"])

    def test_keys_limits_and_replies_are_told_without_a_secret(self):
        self.assertEqual(self.ask("PUT", "/v1/plans/small", {"requests": {"per_hour": 1}}).status, 200)
        self.assertEqual(self.ask("POST", "/v1/tenants", {"id": "acme", "plan": "small"}).status, 201)
        made = self.ask("POST", "/v1/tenants/acme/keys", {}).json
        self.levels("accounts=trace,limits=trace,replies=debug,http=trace,registry=trace,api=trace")
        first = {"X-Request-Id": "first", "Idempotency-Key": "hunter2-idempotent"}
        self.assertEqual(self.ask("POST", "/v1/runs", RUN, made["key"], **first).status, 200)
        self.assertEqual(self.ask("POST", "/v1/runs", RUN, made["key"], **{"X-Request-Id": "second"}).status, 429)
        self.assertEqual(self.told("accounts", "key accepted", request_id="first")["key_id"], made["id"])
        passed = self.told("limits", "limits let pass", request_id="first")
        self.assertEqual((passed["scope"], passed["unit"], passed["maximum"]), ("tenant", "hour", 1))
        refused = self.told("limits", "limit refuses", request_id="second", tenant="acme")
        self.assertGreater(refused["wait_ms"], 0)
        self.told("replies", "answer kept", request_id="first")
        self.ask("POST", "/v1/runs", RUN, self.daemon.admin_key, **{"Idempotency-Key": "hunter2-again"})
        self.ask("POST", "/v1/runs", RUN, self.daemon.admin_key, **{"Idempotency-Key": "hunter2-again"})
        self.told("replies", "earlier answer given again", status=200)
        self.daemon.request("GET", "/v1/runs", None, self.daemon.bearer("sbx_0123456789_hunter2hunter2"))
        for secret in ("hunter2", made["key"], self.daemon.admin_key):
            self.assertNotIn(secret, self.daemon.log_text)

    def test_a_plugins_content_is_told_by_where_it_was(self):
        body = {"manifest": {}, "modules": {"main": "return 1"}}
        self.assertEqual(self.ask("POST", "/v1/tenants", {"id": "acme", "plan": "enterprise"}).status, 201)
        key = self.ask("POST", "/v1/tenants/acme/keys", {}).json["key"]
        self.assertEqual(self.ask("PUT", "/v1/plugins/acme/one/versions/1.0.0", body, key).status, 201)
        self.daemon.halt()
        self.daemon.start_again()
        self.levels("registry=trace")
        for message in ("content read from the store", "content in memory"):
            self.assertEqual(self.ask("POST", "/v1/runs", {"plugin": "acme/one"}, key).status, 200)
            self.assertEqual(self.told("registry", message)["plugin"], "acme/one")


class RepetitionTest(unittest.TestCase):
    MESSAGE = "authentication failed"

    def fail_often(self, running):
        """From many addresses, since one has its attempts bounded long before the log does."""
        bad_key = running.bearer("sbx_0123456789_hunter2hunter2")
        for number in range(2, 12):
            for _ in range(15):
                connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=daemon.PATIENCE_S,
                                                        source_address=(f"127.0.0.{number}", 0))
                connection.request("GET", "/v1/runs", headers=bad_key)
                connection.getresponse().read()
                connection.close()

    def assert_told(self, running):
        told = running.wait_for_log(lambda record: record.get("of") == self.MESSAGE, "what was left out")
        self.assertEqual((told["msg"], told["level"]), ("more of the same was left out", "warn"))
        self.assertGreater(told["suppressed"], 0)

    def test_what_was_left_out_is_told_though_it_does_not_come_again(self):
        with daemon.Daemon(settings={"auth": "on"}) as running:
            self.fail_often(running)
            self.assert_told(running)  # when its ten seconds are over
            told = [record for record in running.records if self.MESSAGE in (record["msg"], record.get("of"))]
            self.assertEqual(sum(record["msg"] == self.MESSAGE for record in told) +
                             sum(record.get("suppressed", 0) for record in told), 150)

    def test_the_end_tells_what_was_left_out(self):
        with daemon.Daemon(settings={"auth": "on"}) as running:
            self.fail_often(running)
            running.stop()
            self.assert_told(running)


class JournalTest(unittest.TestCase):
    def test_lines_for_the_journal_begin_with_their_priority(self):
        # systemd names the device and inode of the stream that it reads.
        script = 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" --state-dir /proc/self/fdinfo --auth off'
        done = subprocess.run(["sh", "-c", script, str(daemon.SANDBOXD)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=daemon.PATIENCE_S, check=False)
        last = done.stderr.splitlines()[-1]
        self.assertTrue(last.startswith('<2>{"time":'), last)
        self.assertEqual(json.loads(last[3:])["msg"], "cannot start")


class ExporterTest(unittest.TestCase):
    def test_batches_are_told(self):
        with Collector() as collector, daemon.Daemon(
                environment=collector.environment(OTEL_TRACES_SAMPLER="always_on"),
                settings={"log": {"level": "info", "format": "json", "modules": "trace=debug"}}) as running:
            running.run("return 1")
            sent = running.wait_for_log(lambda record: record["msg"] == "batch sent", "a batch")
            self.assertEqual((sent["module"], sent["outcome"], sent["rejected"]), ("trace", "taken", 0))
            self.assertGreater(sent["spans"], 0)


if __name__ == "__main__":
    daemon.main()
