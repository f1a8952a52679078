# SPDX-License-Identifier: Apache-2.0
"""Workers and zygotes that lie, through the whole service: each costs its own run only. tests/support/hostile_zygote.c
stands in for sandbox-zygote; the first word of the code says what its worker does."""

import concurrent.futures
import http.client
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import BUILD_DIR, Daemon

HOSTILE = BUILD_DIR / "tests" / "unit" / "engine" / "hostile_zygote"
OUTCOMES = ["ok", "plugin_error", "syntax_error", "invalid_result", "cpu_limit", "wall_limit", "memory_limit",
            "instruction_limit", "output_limit", "syscall_denied", "crashed", "cancelled", "internal_error"]
HOSTILE_ENVIRONMENT = {"SANDBOX_ZYGOTE_PATH": str(HOSTILE)}


class HostileWorkers(support.DaemonTest):
    daemon_options = {"environment": HOSTILE_ENVIRONMENT}

    def run_verb(self, verb, context=None, **limits):
        return self.daemon.run(verb, context, limits={"wall_ms": 10000, **limits})

    def check_others_are_well(self):
        self.assertEqual({"nonce": 1}, self.run_verb("echo", {"nonce": 1})["output"])

    def test_nonsense_on_the_socket(self):
        for verb in ("garbage", "oversize_log", "oversize_result", "job_frame", "half_frame", "twice", "talk_on", "bad_json"):
            with self.subTest(verb=verb):
                result = self.run_verb(verb, "mine", wall_ms=5000)
                self.assert_status(result, "crashed")
                self.assertEqual("plugin", result["error"]["owner"])
                self.assertIsNone(result["output"])
                self.check_others_are_well()

    def test_profiles(self):
        # Unasked, malformed, and one that tells of nothing.
        for length, asked, status in ((33, False, "crashed"), (32, True, "crashed"), (34, True, "crashed"),
                                      (33, True, "ok"), (0, True, "crashed")):
            with self.subTest(length=length, asked=asked):
                result = self.daemon.run(f"profile {length}", 5, options={"profile": asked})
                self.assert_status(result, status)
                if status == "ok":
                    self.assertEqual([], result["profile"]["stacks"])
                else:
                    self.assertNotIn("profile", result)
                self.check_others_are_well()

    def test_nothing_at_all(self):
        for verb in ("silent", "hang_up", "spin", "log_and_hang"):
            with self.subTest(verb=verb):
                self.assert_status(self.run_verb(verb, wall_ms=200, cpu_ms=10000), "wall_limit", "crashed")
        self.assert_status(self.run_verb("spin", cpu_ms=100), "cpu_limit", "wall_limit")
        self.assertEqual("last words", self.run_verb("log_and_hang", wall_ms=1000)["logs"][0]["message"])

    def test_a_result_and_then_no_end(self):
        # The engine has what it needs, but the run lasts until the worker is gone.
        self.assert_status(self.run_verb("linger", "mine", wall_ms=300), "ok", "wall_limit", "crashed")

    def test_exit_codes_and_signals(self):
        for code in (0, 1, 2, 70, 71, 72, 73, 74, 75, 127, 255):
            with self.subTest(code=code):
                # It had its job by then: no code makes that the service's failure, which would be free.
                result = self.run_verb(f"exit {code}")
                self.assert_status(result, "crashed")
                self.assertEqual("plugin", result["error"]["owner"])
        for number in (4, 6, 7, 8, 11, 9, 15):
            with self.subTest(signal=number):
                result = self.run_verb(f"signal {number}")
                self.assert_status(result, "crashed")
                self.assertIn("SIG", result["error"]["message"])
        for code in (1, 70, 139):
            with self.subTest(result_and_code=code):
                self.assert_status(self.run_verb(f"echo_exit {code}"), "crashed")

    def test_claims_that_nothing_confirms(self):
        # What a limit would have left behind was not seen: the claim is worth nothing.
        for name in ("cpu_limit", "wall_limit", "memory_limit", "instruction_limit", "output_limit", "syscall_denied",
                     "crashed", "cancelled", "internal_error"):
            with self.subTest(claim=name):
                self.assert_status(self.run_verb(f"claim {OUTCOMES.index(name)}"), "crashed")
        # A worker may say that its own plugin failed.
        self.assert_status(self.run_verb(f"claim {OUTCOMES.index('plugin_error')}"), "plugin_error")

    def test_good_results_of_workers_that_took_too_much(self):
        result = self.run_verb(f"hoard {200 << 20}", memory_bytes=8 << 20)
        self.assert_status(result, "memory_limit")
        self.assertGreaterEqual(result["error"]["limit"]["observed"], 200 << 20)
        self.assertIsNone(result["output"])
        self.assert_status(self.run_verb(f"hoard {8 << 20}", memory_bytes=8 << 20), "ok")
        self.check_others_are_well()

    def test_output_beyond_the_limit(self):
        self.assert_status(self.run_verb("output 1000", output_bytes=1000), "ok")
        self.assert_status(self.run_verb("output 1001", output_bytes=1000), "output_limit", "crashed")
        self.assert_status(self.run_verb(f"output {16 << 20}", output_bytes=1000), "output_limit", "crashed")

    def test_logs_beyond_the_limit(self):
        result = self.run_verb("logs 100000", log_bytes=2000)
        self.assertTrue(result["logs_truncated"] or result["status"] == "crashed")
        self.assertLessEqual(sum(len(line["message"]) for line in result["logs"]), 2000)
        before = self.daemon.resident_bytes()
        self.assert_status(self.run_verb("log_flood", wall_ms=500, cpu_ms=10000), "wall_limit", "crashed", "cpu_limit")
        self.assertLess(self.daemon.resident_bytes() - before, 64 << 20)

    def test_denials(self):
        result = self.run_verb("denied 257")
        self.assert_status(result, "syscall_denied")
        self.assertEqual(257, result["error"]["syscall"]["number"])
        self.assert_status(self.run_verb("denied 99999"), "syscall_denied", "crashed")

    def test_all_of_it_at_once(self):
        verbs = ["garbage", "half_frame", "twice", "talk_on", "bad_json", "exit 1", "signal 11", "hang_up", "oversize_result", "claim 4"]
        def one(number):
            if number % 3 == 0:
                return self.run_verb(verbs[number // 3 % len(verbs)], number, wall_ms=2000)["status"] != "ok"
            return self.run_verb("echo", {"nonce": number})["output"] == {"nonce": number}
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            self.assertTrue(all(pool.map(one, range(300))))

    def test_a_zygote_that_dies_or_stops_under_its_runs(self):
        for verb in ("kill_zygote", "stop_zygote"):
            with self.subTest(verb=verb):
                answers = []
                others = [threading.Thread(target=lambda: answers.append(self.daemon.post("/v1/runs", {"code": "sleep 300", "limits": {"wall_ms": 3000}})))
                          for _ in range(3)]
                for thread in others:
                    thread.start()
                response = self.daemon.post("/v1/runs", {"code": verb, "limits": {"wall_ms": 1000}})
                for thread in others:
                    thread.join(support.PATIENCE_S)
                self.assertEqual(3, len(answers))
                for answer in [response, *answers]:
                    self.assertIn(answer.status, (200, 500, 503), answer)
                support.wait_until(lambda: self.daemon.post("/v1/runs", {"code": "echo", "context": 1}).status == 200, "a new zygote")
                self.check_others_are_well()


class HostileZygotes(unittest.TestCase):
    """Zygotes that do not start, or not well, cost their own policy only. What one does is its policy's name."""

    def start(self, name):
        return Daemon(policies={name: {"extends": "default"}}, environment=HOSTILE_ENVIRONMENT)

    def check_default_works(self, daemon):
        for number in range(20):
            self.assertEqual(number, daemon.run("echo", number)["output"])

    def test_workers_that_speak_before_they_are_asked_are_not_believed(self):
        with self.start("early") as daemon:
            # More than a socket holds: that it cannot have read the job shows.
            answer = daemon.post("/v1/runs", {"code": "echo", "context": "x" * 1000000, "policy": "early"})
            self.assertIn(answer.status, (200, 500), answer)
            self.assertNotEqual("forged", answer.json.get("output"))
            self.check_default_works(daemon)

    def test_zygotes_that_fork_seldom_or_report_nonsense(self):
        for name in ("forks_rarely", "misreports"):
            with self.subTest(policy=name), self.start(name) as daemon:
                answer = daemon.post("/v1/runs", {"code": "echo", "policy": name, "limits": {"wall_ms": 500}})
                self.assertIn(answer.status, (200, 500, 503), answer)
                self.check_default_works(daemon)

    def test_a_policy_without_a_worker_keeps_no_other_waiting(self):
        for name in ("dies_idle", "cannot_fork"):
            with self.subTest(policy=name), self.start(name) as daemon:
                thread = threading.Thread(target=self.ask, args=(daemon, name))
                thread.start()
                self.check_default_works(daemon)
                daemon.stop()  # ends although a run still waits
                thread.join(support.PATIENCE_S)
                self.assertFalse(thread.is_alive())

    @staticmethod
    def ask(daemon, policy):
        with daemon.new_connection() as connection:
            try:
                connection.request("POST", "/v1/runs", {"code": "echo", "policy": policy})
            except (OSError, http.client.HTTPException):
                pass  # the service ended before it had an answer

    def test_a_policy_whose_zygote_does_not_start_is_refused_with_the_reason(self):
        for name, reason in (("refuses", "no namespaces here"), ("dies_at_start", ""), ("mumbles", "")):
            with self.subTest(policy=name), self.start(name) as daemon:
                answer = daemon.post("/v1/runs", {"code": "echo", "policy": name})
                self.assertEqual(503, answer.status, answer)
                self.assertIn(reason, answer.json["detail"])
                self.assertIn("retry-after", answer.headers)
                self.check_default_works(daemon)


if __name__ == "__main__":
    support.main()
