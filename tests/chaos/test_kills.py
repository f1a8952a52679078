# SPDX-License-Identifier: Apache-2.0
"""SIGKILL in the middle of ten thousand publishes, installs, changes of keys and plans, and runs.

Clients work side by side, each for a tenant of its own. What a kill leaves unanswered they ask again: with the same
Idempotency-Key, or as the same PUT or DELETE. At the end nothing that was answered is missing, everything has been
done once, the sums are those of the runs to the last micro-unit, and the store is sound. Each time, nothing that the
killed one had started is left, and the next one is as small as the first and answers every run. KILLS_SEED says who asks for
what, and after how many answers each kill comes; KILLS_OPERATIONS and KILLS_ROUNDS how much and how often.
"""

import collections
import contextlib
import hashlib
import http.client
import os
import pathlib
import random
import signal
import sqlite3
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon, process_title

SEED = int(os.environ.get("KILLS_SEED", "1"))
OPERATIONS = int(os.environ.get("KILLS_OPERATIONS", "10000"))
ROUNDS = int(os.environ.get("KILLS_ROUNDS", "6"))
CLIENTS = 16
PLANS = {"bronze": {"prices_micros": {"run": 7, "cpu_second": 900000, "gib_second": 300}},
         "gold": {"prices_micros": {"run": 5, "cpu_second": 500000}}}
DESCRIPTORS_GROWTH_MAX = 8
MEMORY_GROWTH_MAX_BYTES = 24 << 20
PROBES = 10  # runs after each restart, of which none may fail
BUSY_CODES = ("busy", "stopping", "overloaded", "queue_full")


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def begun_at(pid):
    """When a process began, by which it is told from another of its number; None if it has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            state, *fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if state in (b"Z", b"X") else fields[18]


class Killed(Exception):
    """The server went away before it answered."""


class Marketplace:
    """The server, its kills, and how many operations were answered."""

    def __init__(self, server):
        self.server = server
        self.admin = server.bearer(server.admin_key)
        self.up = threading.Event()
        self.up.set()
        self.finished = threading.Event()
        self._lock = threading.Condition()
        self.answered = collections.Counter()
        self.probe()
        self.fresh = self.size()

    def count(self, what):
        with self._lock:
            self.answered[what] += 1
            if self.answered.total() >= OPERATIONS:
                self.finished.set()
            self._lock.notify_all()

    def wait_for(self, operations):
        with self._lock:
            if not self._lock.wait_for(lambda: self.answered.total() >= operations, 4 * support.PATIENCE_S):
                raise AssertionError(f"only {self.answered.total()} of {operations} operations were answered")

    def size(self):
        return self.server.descriptors(), self.server.resident_bytes()

    def probe(self):
        for number in range(PROBES):
            answer = self.server.request("POST", "/v1/runs", {"code": f"return {number}"}, self.admin)
            if answer.status != 200 or answer.json.get("output") != number:
                raise AssertionError(f"run {number} after a start: {answer}")

    def kill(self):
        """The next one is looked at before the clients are let in again."""
        self.up.clear()
        started = {(pid, begun_at(pid)) for pid in self.server.descendants()}
        self.server.halt(signal.SIGKILL)
        left = [process_title(pid) for pid, begun in started if begun is not None and begun_at(pid) == begun]
        if left:
            raise AssertionError(f"still there after the kill: {left}")
        self.server.start_again()
        self.probe()
        for now, fresh, growth in zip(self.size(), self.fresh, (DESCRIPTORS_GROWTH_MAX, MEMORY_GROWTH_MAX_BYTES)):
            if now > fresh + growth:
                raise AssertionError(f"after a kill it starts with {self.size()} descriptors and bytes, not {self.fresh}")
        self.up.set()


class Client(threading.Thread):
    """One tenant's doings, and what has to be true afterwards."""

    def __init__(self, marketplace, number):
        super().__init__(daemon=True)
        self.marketplace = marketplace
        self.chance = random.Random(f"{SEED}/{number}")
        self.tenant = f"t{number}"
        self.connection = None
        self.serial = 0
        self.published = {}  # (plugin, version): sha256 of the content
        self.installed = {}  # plugin: range; None: uninstalled
        self.keys = {}  # name: (id, the key), as it was answered; None: made, and its answer is lost
        self.revoked = set()  # names
        self.plan = None
        self.runs = {}  # id: sha256 of the code
        self.once = set()  # sha256 of codes that were run with an Idempotency-Key
        self.attempts = 0  # runs that may have happened without an answer
        self.failure = None

    def run(self):
        work = {self.run_code: 34, self.run_code_once: 14, self.run_plugin: 14, self.publish: 10, self.install: 10,
                self.uninstall: 2, self.make_key: 7, self.revoke_key: 5, self.subscribe: 4}
        try:
            self.do(self.sign_up)
            self.do(self.make_key)
            self.do(self.publish)
            while not self.marketplace.finished.is_set():
                self.do(self.chance.choices(list(work), list(work.values()))[0])
        except BaseException as failure:
            self.failure = failure
            self.marketplace.finished.set()
        finally:
            self.leave()

    def leave(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def do(self, operation):
        if operation():
            self.marketplace.count(operation.__name__)

    def ask(self, method, path, body=None, headers=None):
        """One answer, or Killed; waits its turn where the server is busy."""
        while True:
            self.marketplace.up.wait(support.PATIENCE_S)
            try:
                if self.connection is None:
                    self.connection = self.marketplace.server.new_connection()
                answer = self.connection.request(method, path, body, headers or self.marketplace.admin)
            except (OSError, http.client.HTTPException):
                self.leave()
                raise Killed from None
            if answer.status not in (409, 429, 503) or answer.json["code"] not in (*BUSY_CODES, "still_running"):
                return answer

    def insist(self, method, path, body, expected, headers=None):
        """The same again until it is answered."""
        while True:
            with contextlib.suppress(Killed):
                answer = self.ask(method, path, body, headers)
                if answer.status not in expected:
                    raise AssertionError(f"{self.tenant}: {method} {path}: {answer}")
                return answer

    def once_headers(self, headers=None):
        self.serial += 1
        return {**(headers or self.marketplace.admin), "Idempotency-Key": f"{self.tenant}-{self.serial}"}

    def bearer(self):
        names = [name for name, key in self.keys.items() if key is not None and name not in self.revoked]
        return Daemon.bearer(self.keys[self.chance.choice(names)][1])

    # --- what it does; each is true if it counts

    def sign_up(self):
        answer = self.insist("POST", "/v1/tenants", {"id": self.tenant, "plan": "bronze"}, (201, 409),
                             self.once_headers())
        self.plan = "bronze"
        return answer

    def subscribe(self):
        plan = self.chance.choice(list(PLANS))
        self.insist("PUT", f"/v1/tenants/{self.tenant}/subscription", {"plan": plan}, (200,))
        self.plan = plan
        return True

    def make_key(self):
        if len(self.keys) - len(self.revoked) > 60:
            return False
        name = f"{self.tenant} key {len(self.keys)}"
        answer = self.insist("POST", f"/v1/tenants/{self.tenant}/keys", {"name": name}, (201, 409),
                             self.once_headers())
        self.keys[name] = (answer.json["id"], answer.json["key"]) if answer.status == 201 else None
        return answer.status == 201 or self.make_key()

    def revoke_key(self):
        live = [name for name, key in self.keys.items() if key is not None and name not in self.revoked]
        if len(live) < 2:
            return False
        name = self.chance.choice(live)
        self.insist("DELETE", f"/v1/tenants/{self.tenant}/keys/{self.keys[name][0]}", None, (204, 404))
        self.revoked.add(name)
        return True

    def publish(self):
        plugin, version = f"{self.tenant}/p{self.chance.randrange(20)}", f"1.0.{len(self.published)}"
        content = {"manifest": {}, "modules": {"main": f"return '{plugin} {version}'"}}
        answer = self.insist("PUT", f"/v1/plugins/{plugin}/versions/{version}", content, (201, 200), self.bearer())
        self.published[plugin, version] = answer.json["sha256"]
        return True

    def install(self):
        plugin, version = self.chance.choice(list(self.published))
        self.insist("PUT", f"/v1/tenants/{self.tenant}/plugins/{plugin}", {"version": version}, (200,), self.bearer())
        self.installed[plugin] = version
        return True

    def uninstall(self):
        there = [plugin for plugin, version in self.installed.items() if version is not None]
        if not there:
            return False
        plugin = self.chance.choice(there)
        self.insist("DELETE", f"/v1/tenants/{self.tenant}/plugins/{plugin}", None, (204, 404), self.bearer())
        self.installed[plugin] = None
        return True

    def run_code(self):
        code = f"return '{self.tenant}', {self.attempts + len(self.runs)}, {self.chance.random()}"
        return self.note_run({"code": code}, sha256(code), self.bearer())

    def run_plugin(self):
        there = [(plugin, version) for plugin, version in self.installed.items() if version is not None]
        if not there:
            return False
        plugin, version = self.chance.choice(there)
        return self.note_run({"plugin": plugin}, self.published[plugin, version], self.bearer())

    def note_run(self, body, code_sha256, headers):
        try:
            answer = self.ask("POST", "/v1/runs", body, headers)
        except Killed:
            self.attempts += 1
            return False
        if answer.status != 200 or not answer.json["success"]:
            raise AssertionError(f"{self.tenant}: {answer}")
        self.runs[answer.json["id"]] = code_sha256
        return True

    def run_code_once(self):
        code = f"return '{self.tenant} once', {len(self.once)}, {self.chance.random()}"
        # With an admin's key, since a tenant's may be revoked before the run is asked for again.
        answer = self.insist("POST", "/v1/runs", {"code": code, "tenant": self.tenant}, (200,), self.once_headers())
        self.runs[answer.json["id"]] = sha256(code)
        self.once.add(sha256(code))
        return True


class Kills(unittest.TestCase):
    def test_ten_thousand_operations_outlast_kills_at_any_moment(self):
        started = time.monotonic()
        with Daemon(settings={"auth": "on"}) as server:
            marketplace = Marketplace(server)
            for plan, document in PLANS.items():
                self.assertEqual(server.request("PUT", f"/v1/plans/{plan}", document, marketplace.admin).status, 200)
            clients = [Client(marketplace, number) for number in range(CLIENTS)]
            moments = sorted(random.Random(SEED).sample(range(OPERATIONS // 20, OPERATIONS), ROUNDS))
            for client in clients:
                client.start()
            for moment in moments:
                marketplace.wait_for(moment)
                marketplace.kill()
                with self.store(server) as store:
                    self.check_sound(store)
            marketplace.wait_for(OPERATIONS)
            for client in clients:
                client.join(4 * support.PATIENCE_S)
                if client.failure is not None:
                    raise client.failure
                self.assertFalse(client.is_alive(), client.tenant)
            marketplace.kill()
            print(f"seed {SEED}: {dict(marketplace.answered)}, killed after {moments}, "
                  f"{sum(client.attempts for client in clients)} runs unanswered, {time.monotonic() - started:.0f} s")
            with self.store(server) as store:
                self.check_sound(store)
                for client in clients:
                    self.check_runs(store, client)
            for client in clients:
                self.check_over_http(marketplace, client)

    @staticmethod
    @contextlib.contextmanager
    def store(server):
        with contextlib.closing(sqlite3.connect(f"file:{server.state_dir}/sandboxd.db?mode=ro", uri=True)) as store:
            store.execute("BEGIN")
            yield store

    def check_sound(self, store):
        self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(store.execute("PRAGMA foreign_key_check").fetchall(), [])
        sums = "sum(cpu_us), sum(memory_kib_ms), sum(cost_micros)"
        runs = collections.Counter()
        for row in store.execute("SELECT id, coalesce(tenant, ''), coalesce(plan, ''), coalesce(plugin, ''), "
                                 "status <> 'ok', cpu_us, memory_kib_ms, cost_micros FROM runs"):
            day = int.from_bytes(row[0][:6], "big") // 86400000
            for name, value in zip(("runs", "failures", "cpu", "memory", "cost"), (1, *row[4:])):
                runs[day, *row[1:4], name] += value
        rolled_up = collections.Counter()
        for row in store.execute(f"SELECT day, tenant_id, plan, plugin, sum(runs), sum(failures), {sums} "
                                 "FROM usage_daily GROUP BY day, tenant_id, plan, plugin"):
            for name, value in zip(("runs", "failures", "cpu", "memory", "cost"), row[4:]):
                rolled_up[*row[:4], name] += value
        self.assertEqual(+runs, +rolled_up)

    def check_runs(self, store, client):
        kept = {bytes(row[0]).hex(): bytes(row[1]).hex() for row in
                store.execute("SELECT id, code_sha256 FROM runs WHERE tenant = ?", (client.tenant,))}
        wanted = {run.replace("-", ""): code for run, code in client.runs.items()}
        missing = {run: code for run, code in wanted.items() if kept.get(run) != code}
        self.assertEqual(missing, {}, f"{client.tenant}: {len(missing)} of {len(wanted)} answered runs are lost")
        self.assertLessEqual(len(kept) - len(wanted), client.attempts, "more runs than were asked for")
        times = collections.Counter(kept.values())
        self.assertEqual({code: times[code] for code in client.once if times[code] != 1}, {})

    def check_over_http(self, marketplace, client):
        ask = lambda path, headers=None: marketplace.server.get(path, headers or marketplace.admin)
        self.assertEqual(ask(f"/v1/tenants/{client.tenant}").json["plan"], client.plan)
        versions = {(plugin, version["version"]): version["sha256"]
                    for plugin in {plugin for plugin, _ in client.published}
                    for version in ask(f"/v1/plugins/{plugin}").json["versions"]}
        self.assertEqual(versions, client.published)
        live = {name for name in client.keys if name not in client.revoked}
        listed = [key["name"] for key in ask(f"/v1/tenants/{client.tenant}/keys").json["items"]]
        self.assertEqual(sorted(listed), sorted(live), "every key was made once, and what was revoked is gone")
        for name in live:
            if client.keys[name] is not None:
                self.assertEqual(ask("/v1/plans", Daemon.bearer(client.keys[name][1])).status, 200)
        headers = client.bearer()
        for plugin, version in client.installed.items():
            installed = ask(f"/v1/plugins/{plugin}", headers).json["installed"]
            self.assertEqual(installed and installed["range"], version)
        for name in sorted(client.revoked)[:1]:
            self.assertEqual(ask("/v1/plans", Daemon.bearer(client.keys[name][1])).status, 401)


if __name__ == "__main__":
    support.main()
