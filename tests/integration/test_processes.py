# SPDX-License-Identifier: Apache-2.0
"""The processes of the service, as ps shows them, and that none outlives it."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon


class Processes(unittest.TestCase):
    def start_run(self, daemon, code="print('on') while true do end"):
        """A run that goes on, and its id; the thread ends with it."""
        def ask():
            with daemon.new_connection() as connection:
                try:
                    connection.request("POST", "/v1/runs", {"code": code})
                except OSError:
                    pass  # the service was killed
        thread = threading.Thread(target=ask)
        thread.start()
        def running():
            return next((run["id"] for run in daemon.get("/v1/stats").json["runs"]["in_flight"]), None)
        return support.wait_until(running, "the run"), thread

    def test_a_zygote_started_by_hand_says_what_to_start_instead(self):
        done = subprocess.run([support.ZYGOTE], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=support.PATIENCE_S)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("sandboxctl run", done.stderr)

    def test_titles_say_role_policy_and_run(self):
        with Daemon(policies={"mine": {"extends": "default"}}) as daemon:
            self.assertIn("sandboxd", support.process_title(daemon.pid))
            titles = daemon.titles()
            for policy in ("base", "default", "strict", "mine"):
                self.assertTrue(any(re.match(rf"sandbox-zygote: {policy}\b", title) for title in titles), titles)
            support.wait_until(lambda: any(title == "sandbox-worker: default idle" for title in daemon.titles()), "an idle worker")
            run_id, thread = self.start_run(daemon)
            support.wait_until(lambda: any(run_id in title and title.startswith("sandbox-worker: default") for title in daemon.titles()),
                               "the run's id in its worker's title")
            daemon.request("DELETE", f"/v1/runs/{run_id}")
            thread.join(support.PATIENCE_S)
            support.wait_until(lambda: not any(run_id in title for title in daemon.titles()), "the end of the worker")

    def test_workers_are_below_their_zygote_below_the_service(self):
        with Daemon() as daemon:
            support.wait_until(lambda: any(title.startswith("sandbox-worker") for title in daemon.titles()), "a worker")
            for pid in daemon.descendants():
                title = support.process_title(pid)
                if title.startswith("sandbox-worker"):
                    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                        parent = int(stat.read().rpartition(")")[2].split()[1])
                    self.assertTrue(support.process_title(parent).startswith("sandbox-zygote"), (title, parent))

    def test_a_worker_is_used_once(self):
        with Daemon() as daemon:
            def workers():
                return {pid for pid in daemon.descendants() if support.process_title(pid).startswith("sandbox-worker: default")}
            before = support.wait_until(workers, "idle workers")
            for _ in range(3 * len(before) + 10):
                daemon.run("return 1")
            support.wait_until(lambda: not workers() & before, "the end of the first workers")

    def test_killing_the_service_takes_all_with_it(self):
        daemon = Daemon().start()
        _, thread = self.start_run(daemon)
        tree = daemon.descendants()
        self.assertGreaterEqual(len(tree), 3)
        daemon.kill()  # checks that nothing is left
        thread.join(support.PATIENCE_S)
        self.assertEqual([], [pid for pid in tree if support.process_title(pid).startswith("sandbox-")])

    def test_killing_a_zygote_takes_its_workers_with_it_and_it_comes_back(self):
        with Daemon() as daemon:
            run_id, thread = self.start_run(daemon)
            def zygotes():
                return [pid for pid in daemon.descendants() if support.process_title(pid).startswith("sandbox-zygote: default")]
            first = zygotes()
            below = support.descendants(first[0])
            os.kill(first[0], signal.SIGKILL)
            support.wait_until(lambda: not set(below) & set(daemon.descendants()), "the end of its workers")
            thread.join(support.PATIENCE_S)
            support.wait_until(lambda: daemon.post("/v1/runs", {"code": "return 1"}).status == 200, "another zygote")
            self.assertTrue(zygotes() and not set(zygotes()) & set(first))
            record = daemon.wait_for_log(lambda r: r.get("msg") == "zygote died", "that the zygote died")
            self.assertIn(record["level"], ("warn", "error"))
            self.assertEqual(record["detail"], "the zygote died: signal 9 (SIGKILL)")
            self.assertIsNotNone(run_id)

    def test_how_the_process_ended_that_forks_workers_is_told(self):
        with Daemon() as daemon:
            outer = next(pid for pid in daemon.descendants()
                         if support.process_title(pid).startswith("sandbox-zygote: default"))
            os.kill(support.children_of(outer)[0], signal.SIGKILL)  # pid 1 of its namespace, as the kernel out of memory does
            record = daemon.wait_for_log(lambda r: r.get("msg") == "zygote died", "that the zygote died")
            self.assertEqual((record["policy"], record["detail"]), ("default", "the zygote died: signal 9 (SIGKILL)"))

    def test_a_stopped_service_leaves_nothing(self):
        daemon = Daemon().start()
        daemon.run("return 1")
        daemon.stop()  # checks exit status and processes

    @staticmethod
    def niceness(pid):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return int(stat.read().rpartition(")")[2].split()[16])

    def worker_of(self, daemon, run_id):
        return support.wait_until(lambda: next((pid for pid in daemon.descendants()
                                                if run_id in support.process_title(pid)), None), "the run's worker")

    def test_workers_whose_runs_last_are_nicer_than_those_of_others(self):
        with Daemon() as daemon:
            def in_flight():
                return [run["id"] for run in daemon.get("/v1/stats").json["runs"]["in_flight"]]
            threads, workers = [], []
            own = self.niceness(daemon.pid)  # whoever runs the tests may be nice as well, and the kernel's scale ends at 19
            for nicer in (5, 8, 8):
                threads.append(self.start_run(daemon)[1])
                support.wait_until(lambda: len(in_flight()) == len(threads), "one more run")
                started = {self.worker_of(daemon, run_id) for run_id in in_flight()}.difference(workers).pop()
                workers.append(started)
                support.wait_until(lambda: self.niceness(started) == min(own + nicer, 19), "it to give way")
            for pid in daemon.descendants():
                if pid not in workers:
                    self.assertEqual(self.niceness(pid), own, support.process_title(pid))
            for run_id in in_flight():
                daemon.request("DELETE", f"/v1/runs/{run_id}")
            for thread in threads:
                thread.join(support.PATIENCE_S)

    def test_descriptors_of_a_worker(self):
        with Daemon() as daemon:
            support.wait_until(lambda: any(title == "sandbox-worker: default idle" for title in daemon.titles()), "an idle worker")
            run_id, thread = self.start_run(daemon)
            for pid in daemon.descendants():
                if run_id not in support.process_title(pid):
                    continue
                try:
                    self.assertLessEqual(len(os.listdir(f"/proc/{pid}/fd")), 1)
                except PermissionError:
                    pass  # not dumpable, and this is not root
            daemon.request("DELETE", f"/v1/runs/{run_id}")
            thread.join(support.PATIENCE_S)


if __name__ == "__main__":
    support.main()
