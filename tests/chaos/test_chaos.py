# SPDX-License-Identifier: Apache-2.0
"""The steady state, something that goes wrong, and the steady state again.

A load of runs goes on all the while. At every moment: each request is answered, with its own result or with a
refusal that says whose fault it is; no other's result, and nothing hangs. Once the trouble has passed: every run
succeeds; descriptors and processes are back to what they were; memory has not grown by more than a bound. CHAOS_SEED
says which workers die and when; CHAOS_ROUNDS how often each trouble comes (1); the latencies are printed, not judged.
"""

import collections
import contextlib
import http.client
import json
import mmap
import os
import pathlib
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon, process_title, wait_until

SEED = int(os.environ.get("CHAOS_SEED", "1"))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
CLIENTS = 6
STEADY_RUNS = 150  # of each phase
GROWTH_MAX_BYTES = 24 << 20
CODE = "log.info(context.nonce) return {nonce = context.nonce, sum = context.n * (context.n + 1) // 2}"
SHIFTED_CLOCK = support.BUILD_DIR / "tests" / "chaos" / "shifted_clock.so"


class Load:
    """Clients that post runs until they are told to stop, each checking its own answers."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.phase = "before"
        self.counts = collections.defaultdict(collections.Counter)
        self.latencies_ms = collections.defaultdict(list)
        self.wrong = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(support.PATIENCE_S * 2)
        self.hung = [thread for thread in self._threads if thread.is_alive()]

    def _client(self, number):
        turn = 0
        while not self._stop.is_set():
            turn += 1
            start = time.monotonic()
            outcome = self._one(f"{number}-{turn}", turn)
            phase = self.phase  # of its end: what begins before the trouble may meet it
            with self._lock:
                self.counts[phase][outcome] += 1
                self.latencies_ms[phase].append((time.monotonic() - start) * 1000)

    def _one(self, nonce, n):
        try:
            with contextlib.closing(self.daemon.new_connection()) as connection:
                answer = connection.request("POST", "/v1/runs", {"code": CODE, "context": {"nonce": nonce, "n": n}})
        except (http.client.HTTPException, OSError):
            return "closed"
        if answer.status != 200:
            return answer.json["code"]
        result = answer.json
        if result["status"] == "ok" and (result["output"] != {"nonce": nonce, "sum": n * (n + 1) // 2}
                                         or [line["message"] for line in result["logs"]] != [nonce]):
            self.wrong.append((nonce, result))
        return result["status"]

    def pass_runs(self, phase, count=STEADY_RUNS):
        """Goes over to a phase, and waits until so many requests of it have been answered."""
        self.phase = phase
        wait_until(lambda: sum(self.counts[phase].values()) >= count, f"{count} answers {phase}")

    def report(self):
        for phase, values in self.latencies_ms.items():
            values.sort()
            yield f"{phase}: {dict(self.counts[phase])}, p50 {values[len(values) // 2]:.1f} ms, " \
                  f"p99 {values[int(len(values) * 0.99)]:.1f} ms"


class TestChaos(unittest.TestCase):
    def survive(self, trouble, during=("ok",), settings=None, environment=None, arguments=()):
        """Load before, during and after `trouble(daemon, load, chance)`; what it yields lasts while it is suspended."""
        with Daemon(settings=settings, environment=environment, arguments=arguments) as daemon:
            chance = random.Random(SEED)
            daemon.run("return 1")
            with Load(daemon) as load:
                load.pass_runs("before")
                descriptors, memory = daemon.descriptors(), daemon.resident_bytes()
                for _ in range(ROUNDS):
                    with trouble(daemon, load, chance):
                        load.pass_runs("during")
                    wait_until(lambda: daemon.get("/readyz").status == 200, "readiness")
                    load.pass_runs("settling", 5 * CLIENTS)
                    load.counts.pop("after", None)
                    load.pass_runs("after")
            print(f"seed {SEED}; " + "; ".join(load.report()))
            self.assertEqual(load.hung, [])
            self.assertEqual(load.wrong, [])
            self.assertEqual(set(load.counts["before"]), {"ok"})
            self.assertLessEqual(set(load.counts["during"]), set(during))
            self.assertEqual(set(load.counts["after"]), {"ok"})
            # The clients' connections are closed by then, but for what the service has yet to notice.
            wait_until(lambda: daemon.descriptors() <= descriptors + 8, "its descriptors to be closed again")
            self.assertLess(daemon.resident_bytes() - memory, GROWTH_MAX_BYTES)
            self.assertEqual(len(self.zygotes(daemon)), 2, daemon.titles())

    @staticmethod
    def processes(daemon, prefix):
        return [pid for pid in daemon.descendants() if process_title(pid).startswith(prefix)]

    @staticmethod
    def zygotes(daemon):
        """The default policy's: a worker that was just forked still has their title, but is one generation further down."""
        return [pid for outer in support.children_of(daemon.pid) if process_title(outer).startswith("sandbox-zygote: default")
                for pid in (outer, *support.children_of(outer))]

    def test_workers_are_killed(self):
        @contextlib.contextmanager
        def kill_workers(daemon, load, chance):
            load.phase = "during"
            for _ in range(60):
                workers = self.processes(daemon, "sandbox-worker: default")
                if workers:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(chance.choice(workers), signal.SIGKILL)
            yield

        # An idle one is replaced; one that runs fails its run.
        self.survive(kill_workers, during=("ok", "crashed", "internal_error"))

    def test_zygotes_are_killed(self):
        @contextlib.contextmanager
        def kill_zygotes(daemon, load, chance):
            load.phase = "during"
            for _ in range(3):
                zygotes = self.zygotes(daemon)
                if zygotes:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(chance.choice(zygotes), signal.SIGKILL)
                load.pass_runs("during", sum(load.counts["during"].values()) + CLIENTS)
            yield

        self.survive(kill_zygotes, during=("ok", "internal_error"))

    def test_a_zygote_is_stopped(self):
        @contextlib.contextmanager
        def stop_zygote(daemon, load, _chance):
            load.phase = "during"
            stopped = self.zygotes(daemon)
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            # It is given up, and another one takes its place.
            wait_until(lambda: not set(stopped) & set(daemon.descendants()), "the stopped zygote's end")
            yield

        # Long before any run's wall limit: its silence is enough.
        self.survive(stop_zygote, during=("ok", "internal_error"))

    def test_descriptors_run_out(self):
        @contextlib.contextmanager
        def take_descriptors(daemon, load, _chance):
            load.phase = "during"
            soft, hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (daemon.descriptors() + 2, hard))
            with contextlib.ExitStack() as idle:
                for _ in range(64):
                    with contextlib.suppress(OSError):
                        idle.enter_context(daemon.raw_socket(5))
                wait_until(lambda: daemon.descriptors() >= resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)[0] - 1,
                           "all descriptors to be taken")
                resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (soft, hard))
            yield  # whoever came meanwhile was left waiting to be accepted, and is answered now

        self.survive(take_descriptors, during=("ok", "closed", "internal_error", "queue_full", "overloaded"))

    def test_clients_are_slow_or_vanish(self):
        @contextlib.contextmanager
        def bad_clients(daemon, load, chance):
            load.phase = "during"
            body = json.dumps({"code": "return ('x'):rep(900000)"}).encode()
            head = b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            whole = head % len(body) + body
            clients = [daemon.raw_socket() for _ in range(60)]
            for number, client in enumerate(clients):
                client.sendall(whole[:chance.randrange(1, len(whole) + 1)] if number % 3 else whole)
                if number % 2:  # resets the connection
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
            yield
            for client in clients:
                client.close()

        self.survive(bad_clients)

    def test_the_clock_jumps(self):
        self.assertTrue(SHIFTED_CLOCK.exists(), "without it, no clock would jump")
        handle, path = tempfile.mkstemp(prefix="sandboxd-test-clock-")
        self.addCleanup(os.unlink, path)
        os.write(handle, bytes(8))
        shared = mmap.mmap(handle, 8)
        os.close(handle)

        @contextlib.contextmanager
        def jump(daemon, load, chance):
            for shift_s in (86400, -86400 * 365, chance.randrange(-10**6, 10**6), 0):
                shared[:] = struct.pack("q", shift_s)
                load.pass_runs("during", sum(load.counts["during"].values()) + 60)
                newest = daemon.get("/v1/stats")
                self.assertEqual(newest.status, 200)
            yield

        self.survive(jump, environment={"LD_PRELOAD": str(SHIFTED_CLOCK), "SHIFTED_CLOCK": path})

    def test_the_disk_is_full(self):
        if os.geteuid() != 0:
            support.lacks("root")
        folder = tempfile.mkdtemp(prefix="sandboxd-test-disk-")
        self.addCleanup(os.rmdir, folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)

        @contextlib.contextmanager
        def fill(daemon, load, _chance):
            load.phase = "during"
            filler = pathlib.Path(folder, "filler")
            with open(filler, "wb") as out, contextlib.suppress(OSError):
                while True:
                    out.write(bytes(65536))
                    out.flush()
            wait_until(lambda: any("disk is full" in json.dumps(record) for record in list(daemon.records)),
                       "a word about the full disk")
            yield
            filler.unlink()

        self.survive(fill, settings={"state_dir": folder})

    def test_policies_are_changed_all_the_time(self):
        @contextlib.contextmanager
        def change(daemon, load, chance):
            load.phase = "during"
            for _ in range(30):
                daemon.write_policy("default", {"extends": "base", "limits": {"cpu_ms": chance.randrange(1000, 9000)}})
                daemon.process.send_signal(signal.SIGHUP)
                load.pass_runs("during", sum(load.counts["during"].values()) + 5)
            yield

        self.survive(change)


if __name__ == "__main__":
    support.main()
