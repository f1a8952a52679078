# SPDX-License-Identifier: Apache-2.0
"""A thousand connections at once, runs of every outcome, workers and zygotes killed at random meanwhile: every
request is answered, each with its own result, and nothing is left over.

SOAK_RUNS (5000) and SOAK_CONNECTIONS (1000) say how many; by hand, 100000 runs."""

import asyncio
import collections
import json
import os
import pathlib
import random
import resource
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon

RUNS = int(os.environ.get("SOAK_RUNS", "5000"))
CONNECTIONS = int(os.environ.get("SOAK_CONNECTIONS", "1000"))
ANSWER_PATIENCE_S = 4 * support.PATIENCE_S

# Share, status, code, limits. Each logs its nonce first; so a run that was killed shows whose it was, too.
KINDS = [
    (40, "ok", "return {nonce = context.nonce, sum = context.n + 1}", {}),
    (8, "ok", "local s = ('x'):rep(20000) return {nonce = context.nonce, s = s}", {}),
    (8, "plugin_error", "error(context.nonce, 0)", {}),
    (6, "syntax_error", "return return", {}),
    (5, "invalid_result", "return {[context.nonce] = print}", {}),
    (5, "cpu_limit", "while true do end", {"cpu_ms": 20}),
    (3, "wall_limit", "while true do end", {"wall_ms": 10, "cpu_ms": 20000}),
    (5, "memory_limit", "return #('x'):rep(1 << 29)", {"memory_bytes": 4 << 20}),
    (5, "instruction_limit", "while true do end", {"instructions": 20000}),
    (5, "output_limit", "return ('x'):rep(3000)", {"output_bytes": 1000}),
]
BREACHES = [
    (3, "crashed", "os.clock('fault')", {}),
    (3, "crashed", "os.clock('bytes', 'garbage')", {}),
    (4, "syscall_denied", "os.clock('syscall', 257, -100, '/etc/passwd', 0)", {}),
]
HANG_UPS = 100  # one of so many callers does not wait for the answer


async def read_response(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    body = await reader.readexactly(int(headers[b"content-length"]))
    return status, headers, body


def was_killed(error):
    """On a busy machine the worker's socket may be seen to close long before its end is reported."""
    return "SIGKILL" in error["message"] or "closed its socket and did not end" in error["message"]


class Soak:
    """The load: workers of connections that take numbers from one counter, and a killer."""

    def __init__(self, daemon, kinds, runs, connections, kill):
        self.daemon = daemon
        self.kinds = kinds
        self.weights = [kind[0] for kind in kinds]
        self.left = runs
        self.connections = connections
        self.kill = kill
        self.random = random.Random(1)
        self.seen = collections.Counter()
        self.faults = []
        self.killed = collections.Counter()

    def request(self, number):
        _, status, code, limits = self.random.choices(self.kinds, self.weights)[0]
        nonce = f"nonce-{number}-{self.random.getrandbits(64):016x}"
        body = {"code": ("print(context.nonce) " if status != "syntax_error" else "") + code, "context": {"nonce": nonce, "n": number},
                "limits": limits, "options": {"chunk_name": nonce}}
        data = json.dumps(body).encode()
        head = f"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        return status, nonce, number, head.encode() + data

    async def connection(self):
        reader = writer = None
        while self.left > 0:
            self.left -= 1
            if writer is None:
                reader, writer = await asyncio.open_connection(self.daemon.host, self.daemon.port)
            expected, nonce, number, request = self.request(self.left)
            writer.write(request)
            await writer.drain()
            if self.random.randrange(HANG_UPS) == 0:
                writer.close()
                writer = None
                self.seen["hung up"] += 1
                continue
            try:
                answer = await asyncio.wait_for(read_response(reader), ANSWER_PATIENCE_S)
            except (asyncio.TimeoutError, asyncio.IncompleteReadError, ConnectionError) as fault:
                self.faults.append(f"{nonce}: no answer: {fault!r}")
                writer.close()
                writer = None
                continue
            self.check(expected, nonce, number, *answer)
        if writer is not None:
            writer.close()

    def check(self, expected, nonce, number, status, headers, body):
        if status != 200:
            # A zygote that was killed fails its runs; until the next one is up, runs are refused.
            self.seen[status] += 1
            if not self.kill or status not in (500, 503) or b"retry-after" not in headers and status == 503:
                self.faults.append(f"{nonce}: {status} {body[:500]!r}")
            return
        result = json.loads(body)
        self.seen[result["status"]] += 1
        own = self.is_own(result, nonce, number)
        killed = self.kill and result["status"] == "crashed" and was_killed(result["error"])
        if not own or (result["status"] != expected and not killed):
            self.faults.append(f"{nonce}: expected {expected}: {json.dumps(result)[:700]}")

    @staticmethod
    def is_own(result, nonce, number):
        logs, error = result["logs"], result["error"]
        if any(line["message"] != nonce for line in logs):
            return False
        if result["status"] == "ok":
            output = result["output"]
            return output["nonce"] == nonce and output.get("sum", number + 1) == number + 1 and len(logs) == 1
        if result["status"] == "syntax_error":
            return error["message"].startswith(nonce + ":1:")
        if result["status"] == "plugin_error":
            return error["message"] == nonce
        # Killed from outside, or at a limit before it came to log: then it tells where, by the name of its own code.
        return len(logs) == 1 or error.get("where", {}).get("source") == nonce or was_killed(error) or support.was_starved(result)

    async def killer(self):
        """Kills as runs are answered, not as time passes: on a slow machine, too, most runs come through."""
        due = 0
        while True:
            await asyncio.sleep(0.005)
            if sum(self.seen.values()) < due:
                continue
            due = sum(self.seen.values()) + self.random.randint(20, 100)
            name = "sandbox-zygote: default" if self.random.randrange(12) == 0 else "sandbox-worker: default"
            targets = [pid for pid in self.daemon.descendants() if support.process_title(pid).startswith(name)]
            if targets:
                try:
                    os.kill(self.random.choice(targets), signal.SIGKILL)
                    self.killed[name] += 1
                except ProcessLookupError:
                    pass

    async def run(self):
        killer = asyncio.create_task(self.killer()) if self.kill else None
        await asyncio.gather(*(self.connection() for _ in range(self.connections)))
        if killer:
            killer.cancel()


class Concurrency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        cls.connections = min(CONNECTIONS, hard - 200)

    def settle(self, daemon):
        """Waits until nothing runs, and returns what the daemon then holds."""
        def idle():
            stats = daemon.get("/v1/stats").json
            return stats["runs"]["running"] == 0 and stats["runs"]["queued"] == 0
        support.wait_until(idle, "the end of all runs")
        return daemon.descriptors(), len(daemon.descendants()), daemon.resident_bytes()

    def soak(self, daemon, kinds, runs, kill):
        soak = Soak(daemon, kinds, runs, self.connections, kill)
        asyncio.run(soak.run())
        print(dict(soak.seen), "killed:", dict(soak.killed), file=sys.stderr)
        self.assertEqual([], soak.faults[:20], f"{len(soak.faults)} faults")
        return soak

    def check_nothing_left(self, daemon, before):
        descriptors, processes, _ = before
        # Idle workers come and go: each policy keeps a few, with a socket each.
        slack = 40
        support.wait_until(lambda: daemon.descriptors() <= descriptors + slack, "the closing of descriptors")
        support.wait_until(lambda: len(daemon.descendants()) <= processes + slack, "the end of processes")

    def test_every_run_gets_its_own_answer(self):
        with Daemon() as daemon:
            before = self.settle(daemon)
            # How far it grows at first depends on how many connections are served at one moment; then it is flat.
            sizes = [self.soaked(daemon)]
            while support.MEMORY_TELLS and (len(sizes) < 2 or (sizes[-1] - sizes[-2] >= 32 << 20 and len(sizes) < 5)):
                sizes.append(self.soaked(daemon))
            self.check_nothing_left(daemon, before)
            if support.MEMORY_TELLS:
                self.assertLess(sizes[-1] - sizes[-2], 32 << 20, f"memory grows with every run: {sizes}")
                self.assertLess(sizes[-1] - before[2], 256 << 20)

    def soaked(self, daemon):
        """Resident bytes after half of the runs."""
        self.soak(daemon, KINDS, RUNS // 2, kill=False)
        return self.settle(daemon)[2]

    def test_killed_workers_and_zygotes_cost_their_own_runs_only(self):
        with Daemon(environment={"SANDBOX_ZYGOTE_PATH": str(support.BREACHED_ZYGOTE)}) as daemon:
            before = self.settle(daemon)
            soak = self.soak(daemon, KINDS + BREACHES, RUNS, kill=True)
            self.assertGreater(soak.seen["ok"], RUNS // 4)
            self.settle(daemon)
            self.check_nothing_left(daemon, before)
            self.assertEqual("alive", support.wait_until(
                lambda: (answer := daemon.post("/v1/runs", {"code": "return 'alive'"})).status == 200 and answer.json["output"],
                "a run after it all"))


if __name__ == "__main__":
    support.main()
