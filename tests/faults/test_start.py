# SPDX-License-Identifier: Apache-2.0
"""System calls of sandboxd's own start fail once, as strace makes them, in the service and in its zygotes: it ends
with a status and a reason, or gets ready, and then a run ends well or is refused in words. It never hangs. That no
failing call of the confinement lets a run through is test_confinement's."""

import collections
import os
import pathlib
import random
import re
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import daemon as support
import host_facts

SEED = int(os.environ.get("FAULTS_SEED", "1"))
CALLS = int(os.environ.get("FAULTS_START_CALLS", "40"))
# The first execve is strace's own; brk gives the end of the heap, whether it moved it or not.
CANNOT_FAIL = ("execve", "exit_group", "exit", "rt_sigreturn", "brk")
CALL = re.compile(r"^(\d+) +([a-z0-9_]+)\(")


class TestStart(unittest.TestCase):
    def setUp(self):
        if not host_facts.HOST_HAS["strace"]():
            support.lacks("strace")
        scratch = tempfile.TemporaryDirectory(prefix="sandboxd-test-start-")
        self.addCleanup(scratch.cleanup)
        self.trace = pathlib.Path(scratch.name) / "trace"
        self.program = pathlib.Path(scratch.name) / "sandboxd"

    def traced(self, *options):
        """A service whose process is sandboxd itself; strace, apart from it, writes down what it calls."""
        words = ["strace", "-D", "-f", "-qq", "-o", str(self.trace), *options, str(support.SANDBOXD)]
        self.program.write_text("#!/bin/sh\nexec " + " ".join(words) + ' "$@"\n')
        self.program.chmod(0o755)
        return support.Daemon(program=self.program)

    def calls(self):
        """How often each thread made each call, at most, until the service was ready; and the same before it read its
        configuration, where the loader has no words for a failure."""
        with self.traced() as daemon:
            config = str(daemon.config_path)
            lines = self.trace.read_text(errors="replace").splitlines()
        counts, loading = collections.defaultdict(collections.Counter), None
        for line in lines:
            match = CALL.match(line)
            if not match:
                continue
            if loading is None and config in line and match[2].startswith("open"):
                loading = collections.Counter(counts[match[1]])
            counts[match[1]][match[2]] += 1
        self.assertIsNotNone(loading, "it never opened its configuration")
        most = collections.Counter()
        for of_thread in counts.values():
            most |= of_thread
        return most, loading

    def check_failing(self, call, number, error, is_loading):
        """Whether it got ready."""
        what = f"{call} number {number} fails with {error} (seed {SEED})"
        daemon = self.traced(f"-etrace={call}", f"-einject={call}:error={error}:when={number}")
        try:
            daemon.start()
        except AssertionError:
            status = daemon.process.returncode
            # libc and require() abort, in words, where the kernel breaks its promise: futex, epoll_wait.
            self.assertTrue(status > 0 or status == -signal.SIGABRT or is_loading, f"{what}: ended by {status}: {daemon.log_text}")
            self.assertTrue(daemon.log_text.strip() or is_loading, f"{what}: ended without a word")
            return False
        try:
            answer = daemon.post("/v1/runs", {"code": "return 6 * 7"})
            if answer.status == 200 and answer.json["status"] == "ok":
                self.assertEqual(answer.json["output"], 42, what)
            else:
                said = answer.json.get("detail") or (answer.json.get("error") or {}).get("message")
                self.assertTrue(said, f"{what}: {answer}")
        finally:
            daemon.kill()
        return True

    def test_a_start_whose_system_calls_fail_says_so_or_goes_on(self):
        most, loading = self.calls()
        places = [(call, number) for call, count in sorted(most.items()) if call not in CANNOT_FAIL
                  for number in range(1, count + 1)]
        chance = random.Random(SEED)
        ready = 0
        sample = chance.sample(places, min(CALLS, len(places)))
        for call, number in sample:
            with self.subTest(call=call, number=number):
                ready += self.check_failing(call, number, chance.choice(("ENOMEM", "EPERM", "EMFILE")),
                                            number <= loading[call])
        print(f"{len(sample)} of {len(places)} system calls: {ready} starts got ready, the others told why not")


if __name__ == "__main__":
    support.main()
