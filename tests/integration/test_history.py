# SPDX-License-Identifier: Apache-2.0
"""Run history: what is kept of runs, how it is searched, and what a store that fails costs."""

import contextlib
import datetime
import http.client
import json
import pathlib
import resource
import shutil
import signal
import sqlite3
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until
from openapi import Document


class HistoryTest(daemon.DaemonTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = Document(cls.daemon.get("/openapi.json").json)

    def ask(self, path, expect=200):
        response = self.daemon.get(path)
        self.assertEqual(response.status, expect, response)
        self.document.check("GET", path, response)
        return response.json

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def test_a_run_is_kept_without_what_it_was_given_and_gave(self):
        secret = "secret-3f9c"
        result = self.daemon.run(f"log.info('{secret}') return '{secret}' .. context", secret, options={"count": True})
        kept = self.ask(f"/v1/runs/{result['id']}")
        for member in ("id", "status", "success", "error", "usage", "limits", "policy", "plugin", "code_sha256",
                       "trace_id"):
            self.assertEqual(kept[member], result[member], member)
        self.assertNotIn(secret, json.dumps(kept))

    def test_a_failure_is_kept_with_its_reason_and_line(self):
        result = self.daemon.run("local x\nlocal function f() while true do end end\nf()", limits={"cpu_ms": 20})
        kept = self.ask(f"/v1/runs/{result['id']}")["error"]
        self.assertEqual(kept["where"], result["error"]["where"])
        self.assertEqual(kept["limit"], result["error"]["limit"])
        self.assertEqual(kept["message"], result["error"]["message"])
        long = self.daemon.run("error(('ä'):rep(1000))")
        kept = self.ask(f"/v1/runs/{long['id']}")["error"]["message"]
        self.assertTrue(150 < len(kept.encode()) <= 200 and long["error"]["message"].startswith(kept))

    def test_pages_show_every_run_once_and_the_newest_first(self):
        since = self.now()
        ids = [self.daemon.run(f"return {number}")["id"] for number in range(25)]
        seen, cursor, pages = [], None, 0
        while cursor is not None or pages == 0:
            page = self.ask(f"/v1/runs?since={since}&limit=10" + (f"&cursor={cursor}" if cursor else ""))
            seen += [run["id"] for run in page["items"]]
            cursor = page["next_cursor"]
            pages += 1
        self.assertEqual(pages, 3)
        self.assertEqual([run for run in seen if run in ids], ids[::-1])
        self.assertEqual(len(seen), len(set(seen)))

    def test_filters_narrow_the_list_down(self):
        since = self.now()
        good = self.daemon.run("return 1", policy="strict")["id"]
        bad = self.daemon.run("error('x')", policy="strict")["id"]
        other = self.daemon.run("error('x')")["id"]

        def found(query):
            return [run["id"] for run in self.ask(f"/v1/runs?since={since}&{query}")["items"]]

        self.assertEqual(found("policy=strict"), [bad, good])
        self.assertEqual(found("status=plugin_error"), [other, bad])
        self.assertEqual(found("status=plugin_error&policy=strict"), [bad])
        self.assertEqual(found("status=ok&policy=strict"), [good])
        trace = self.ask(f"/v1/runs/{bad}")["trace_id"]
        self.assertEqual(found(f"trace_id={trace}"), [bad])
        self.assertEqual(found(f"trace_id={trace}&status=ok"), [])
        self.assertEqual(found("tenant=nobody"), [])
        self.assertEqual(found("plugin=acme%2Fslugify"), [])
        self.assertEqual(found(f"until={since}"), [])
        self.assertEqual(self.ask("/v1/runs?since=2999-01-01T00:00:00Z")["items"], [])

    def test_nothing_ended_before_time_began(self):
        self.assertEqual(self.ask("/v1/runs?until=1970-01-01T00:00:00Z")["items"], [])

    def test_a_query_that_is_not_understood_is_refused(self):
        for query in ("polciy=strict", "status=fine", "limit=0", "limit=1001", "limit=x", "limit=-1", "cursor=abc", "trace_id=abc",
                      "trace_id=" + "A" * 32, "trace_id=" + "a" * 33,
                      "since=yesterday", "since=2026-02-30T00:00:00Z", "until=2026-01-01", "policy=%ff", "status=%zz"):
            self.assertIn(self.daemon.get(f"/v1/runs?{query}").status, (400, 422), query)
        self.assertIn('did you mean "policy"?', self.ask("/v1/runs?polciy=strict", 422)["detail"])

    def test_runs_that_go_on_or_never_were(self):
        results = []
        with self.daemon.new_connection() as connection:
            thread = threading.Thread(target=lambda: results.append(connection.request(
                "POST", "/v1/runs", {"code": "while true do end"}, {"X-Request-Id": "goes-on"})))
            thread.start()
            run = wait_until(lambda: next((run["id"] for run in self.daemon.get("/v1/stats").json["runs"]["in_flight"]
                                           if run["request_id"] == "goes-on"), None), "the run")
            self.assertEqual(self.ask(f"/v1/runs/{run}"), {"id": run, "status": "running"})
            self.daemon.request("DELETE", f"/v1/runs/{run}")
            thread.join()
        self.assertEqual(self.ask(f"/v1/runs/{run}")["status"], "cancelled")
        self.ask("/v1/runs/0193d2a4-0000-7000-8000-000000000000", 404)
        self.ask("/v1/runs/nonsense", 404)

    def test_what_was_refused_is_no_run(self):
        since = self.now()
        self.assertEqual(self.daemon.post("/v1/runs", {"code": 1}).status, 422)
        self.assertEqual(self.daemon.post("/v1/runs", {"code": "", "policy": "absent"}).status, 422)
        self.assertEqual(self.daemon.post("/v1/validate", {"code": ""}).status, 200)
        self.assertEqual(self.ask(f"/v1/runs?since={since}")["items"], [])


class LimitedDisk(daemon.Daemon):
    """No file may grow beyond 600 KiB, until the test lifts that: as a disk that is full, and has room again."""

    room = 600 * 1024

    def _become(self):
        super()._become()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def start(self):
        super().start()  # with the room that it takes from the first
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (self.room, resource.RLIM_INFINITY))
        return self


class StoreTest(unittest.TestCase):
    def test_history_survives_a_restart_and_a_kill(self):
        with daemon.Daemon() as running:
            first = running.run("return 1")["id"]
            for how, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
                second = running.run("return 2")["id"]
                self.assertEqual(running.get(f"/v1/runs/{second}").status, 200)
                running.process.send_signal(how)
                self.assertEqual(running.process.wait(daemon.PATIENCE_S), status)
                running.start_again()
                self.assertEqual(running.get(f"/v1/runs/{first}").json["id"], first)
                self.assertEqual(running.get(f"/v1/runs/{second}").json["id"], second)
                # What ended before this start has ended all the same.
                ended = running.request("DELETE", f"/v1/runs/{second}")
                self.assertEqual((ended.status, ended.json["code"]), (409, "run_ended"))
                self.assertEqual(running.request("DELETE", "/v1/runs/0193d2a4-0000-7000-8000-000000000000").status, 404)

    def test_the_last_runs_before_an_orderly_stop_are_kept(self):
        with daemon.Daemon() as running:
            ids = [running.run("return 1")["id"] for _ in range(20)]
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(daemon.PATIENCE_S)
            running.start_again()
            self.assertEqual([run["id"] for run in running.get("/v1/runs").json["items"]], ids[::-1])

    def test_a_kill_costs_no_run_that_was_answered_and_is_told(self):
        with daemon.Daemon() as running:
            self.assertNotIn("not in good order", running.log_text)
            ids = []

            def run():
                with running.new_connection() as connection:
                    try:
                        while True:
                            ids.append(connection.request("POST", "/v1/runs", {"code": "return 1"}).json["id"])
                    except (OSError, http.client.HTTPException):
                        return  # it was killed

            thread = threading.Thread(target=run)
            thread.start()
            wait_until(lambda: len(ids) >= 300, "runs")
            running.process.kill()
            running.process.wait(daemon.PATIENCE_S)
            thread.join()
            running.start_again()
            kept, cursor = [], ""
            while cursor is not None:
                page = running.get(f"/v1/runs?limit=1000{cursor and '&cursor='}{cursor}").json
                kept += [run["id"] for run in page["items"]]
                cursor = page["next_cursor"]
            kept.reverse()
            # One client, so runs were recorded in this order. The very last may be kept though its answer never came.
            self.assertEqual(ids, kept[:len(ids)])
            self.assertLessEqual(len(kept) - len(ids), 1)
            self.assertIn("the last stop was not in good order", running.log_text)
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(daemon.PATIENCE_S)
            running.start_again()
            self.assertNotIn("not in good order", running.log_text)

    def test_a_backup_of_the_running_store_is_restored(self):
        with daemon.Daemon() as running:
            kept = running.run("return 1")["id"]
            self.assertEqual(running.get(f"/v1/runs/{kept}").status, 200)
            put = running.request("PUT", "/v1/policies/mine", {"name": "mine", "extends": "default"}, {"If-None-Match": "*"})
            self.assertEqual(put.status, 201, put)
            backup = running.scratch / "backup.db"
            with contextlib.closing(sqlite3.connect(running.state_dir / "sandboxd.db")) as store, \
                    contextlib.closing(sqlite3.connect(backup)) as copy:
                store.backup(copy)
            lost = running.run("return 2")["id"]
            running.halt()
            for name in ("sandboxd.db-wal", "sandboxd.db-shm"):
                (running.state_dir / name).unlink(missing_ok=True)
            shutil.copyfile(backup, running.state_dir / "sandboxd.db")
            running.start_again()
            self.assertEqual(running.get(f"/v1/runs/{kept}").json["id"], kept)
            self.assertEqual(running.get(f"/v1/runs/{lost}").status, 404)
            self.assertEqual(running.run("return 3", policy="mine")["output"], 3)

    def dropped(self, running):
        checks = running.get("/v1/health").json["checks"]
        return checks["store:history_dropped"][0]

    def test_a_full_disk_makes_history_wait_and_nothing_else(self):
        with LimitedDisk(settings={"health_interval_ms": 20}) as running:
            for _ in range(3000):
                running.run("return 1")
                if self.dropped(running)["status"] == "warn":
                    break
            else:
                self.fail("the disk never filled")
            waiting = []
            for number in range(100):
                run = running.run(f"return {number}")
                self.assertEqual(run["output"], number)
                waiting.append(run["id"])
            complaints = [record for record in running.records if record["msg"] == "run history is incomplete"]
            self.assertEqual(len(complaints), 1)
            # What has to be kept is not said to be kept, and does not become live.
            # A small change may still find room where a batch of runs did not.
            for attempt in range(200):
                before = running.get("/v1/policies/default").json["version"]
                put = running.request("PUT", "/v1/policies/default",
                                      {"name": "default", "extends": "base", "description": "x" * 2000 + str(attempt)},
                                      {"If-Match": "*"})
                if put.status != 200:
                    break
            self.assertEqual((put.status, put.json.get("code")), (503, "store_failed"))
            self.assertEqual(running.run("return 1")["policy"]["version"], before)
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            wait_until(lambda: running.get("/v1/runs/" + running.run("return 1")["id"]).status == 200,
                       "history to go on when there is room again")
            for run in waiting:
                self.assertEqual(running.get("/v1/runs/" + run).status, 200, run)
            self.assertEqual(self.dropped(running)["observedValue"], 0)
            wait_until(lambda: self.dropped(running)["status"] == "pass", "the health check to pass again")


if __name__ == "__main__":
    daemon.main()
