# SPDX-License-Identifier: Apache-2.0
"""What the soak sends: runs of many kinds for wrk (soak.lua), and clients beside it for what wrk cannot do."""

import collections
import contextlib
import itertools
import json
import pathlib
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))

SPIN = "local n = 0 while true do n = n + 1 end"
LINES = [{"item": f"screw {number}", "count": number % 9, "price": 3.25} for number in range(80)]
SUM = "local sum = 0 for _, line in ipairs(context) do sum = sum + line.count * line.price end log.info(sum) return sum"
SUM_PLUGIN = {"manifest": {"input": {"type": "object"}}, "modules": {"main": "return context.a + context.b"}}
ESCAPE_WEIGHT = 0.125  # of each of some three hundred; of all others together about a thousand


def example(name):
    """A plugin of this repository, as it is published."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "plugins" / name
    manifest = json.loads((folder / "plugin.json").read_text(encoding="utf-8"))
    return {"manifest": manifest, "modules": {module: (folder / file).read_text(encoding="utf-8")
                                              for module, file in manifest["modules"].items()}}


class Kind:
    """One request, how often it comes, and the statuses that are right."""

    def __init__(self, name, weight, statuses, **envelope):
        self.name = name
        self.weight = weight
        self.statuses = statuses
        self.body = json.dumps(envelope).encode()


def kinds():
    yield Kind("trivial", 580, {"ok"}, code="return context.a + context.b", context={"a": 2, "b": 3})
    yield Kind("some-kilobytes", 110, {"ok"}, code=SUM, context=LINES)
    yield Kind("64-kilobytes", 6, {"ok"}, code="return context", context=LINES * 15)
    yield Kind("counted", 30, {"ok"}, code="local n = 0 for i = 1, 5000 do n = n + i end return n", options={"count": True})
    yield Kind("profiled", 4, {"ok"}, code="local n = 0 for i = 1, 90000 do n = n + i end return n", options={"profile": True})
    yield Kind("plugin", 100, {"ok"}, plugin="soak/sum", context={"a": 2, "b": 3})
    yield Kind("large-plugin", 5, {"ok"}, plugin="soak/markdown-to-html", context={"markdown": "# Title\n\nSome *text*.\n"})
    yield Kind("reloaded-policy", 20, {"ok"}, code="return 1", policy="reloaded")
    yield Kind("error", 40, {"plugin_error"}, code="local function f(t) return t.a.b end return f({})")
    yield Kind("raised-table", 10, {"plugin_error"}, code="error({code = 'E1', text = ('x'):rep(500)})")
    yield Kind("syntax-error", 25, {"syntax_error"}, code="if true then return 1")
    yield Kind("no-json", 8, {"invalid_result"}, code="return {print}")
    yield Kind("instructions", 8, {"instruction_limit"}, code=SPIN, limits={"instructions": 100000})
    yield Kind("cpu", 3, {"cpu_limit"}, code=SPIN, limits={"cpu_ms": 5})
    # Who waits for a core all the while has used no CPU time when the wall clock says that it is over.
    yield Kind("wall", 1, {"wall_limit"}, code=SPIN, limits={"wall_ms": 10, "cpu_ms": 1000})
    yield Kind("memory", 6, {"memory_limit"}, code="local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end",
               limits={"memory_bytes": 2 << 20})
    yield Kind("output", 6, {"output_limit"}, code="return ('x'):rep(100000)", limits={"output_bytes": 10000})


def escapes(run):
    """The attacks that are over soon, each with what its first line expects; `run(envelope)` gives a result."""
    import test_attacks

    for attack in test_attacks.corpus():
        dear = {"cpu_limit", "wall_limit", "memory_limit"} & set(attack.statuses)
        if dear or attack.repeat > 1 or attack.envelope["policy"] not in ("default", "trusted"):
            continue
        envelope = {"code": attack.code, **attack.envelope}
        if len(json.dumps(envelope)) < 20000 and run(envelope)["usage"]["cpu_ms"] < 3:
            yield Kind(f"escape/{attack.name}", ESCAPE_WEIGHT, set(attack.statuses), **envelope)


def write_mix(found, path):
    """As soak.lua reads it."""
    with path.open("wb") as file:
        for kind in found:
            file.write(f"{kind.name} {round(kind.weight / ESCAPE_WEIGHT)} {len(kind.body)}\n".encode() + kind.body + b"\n")


class Clients:
    """Beside wrk, until told to stop: retries with a key, runs that are cancelled or left, slow bodies, a MiB of context,
    validations, lists, new versions of plugins and of a policy. Counts the runs that it caused, by status, and keeps what
    was not as expected."""

    PAUSE_S = 0.02  # between two of one client: they are here to be mixed in, not to make up the load

    def __init__(self, service, tenant, key):
        self.service = service
        self.tenant = tenant
        self.headers = service.bearer(key)
        self.admin = service.bearer(service.admin_key)
        self.runs = collections.Counter()
        self.done = collections.Counter()
        self.wrong = []
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._number = itertools.count()

    def __enter__(self):
        # Few retries and reloads: their answers and versions are kept for longer than a soak lasts.
        turns = ((self.retry, *(self.large, self.validate) * 8), (self.cancel, self.vanish, self.slow_body),
                 (self.look, self.publish, self.look, self.change_policy))
        self._ending.clear()
        self._threads = [threading.Thread(target=self._client, args=(turn,)) for turn in turns]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _client(self, turn):
        with self.service.new_connection() as connection:
            for action in itertools.cycle(turn):
                if self._ending.wait(self.PAUSE_S):
                    return
                try:
                    action(connection, next(self._number))
                except Exception as fault:  # of any kind: it is what the soak is to find
                    self.wrong.append(f"{action.__name__}: {type(fault).__name__}: {fault}"[:500])
                    connection.close()
                with self._lock:
                    self.done[action.__name__] += 1

    def _expect(self, answer, *statuses):
        if answer.status not in statuses:
            raise ValueError(f"{answer} instead of {statuses}")
        return answer

    def _ran(self, answer, status):
        found = self._expect(answer, 200).json["status"]
        self._count(found)
        if found != status:
            raise ValueError(f"{found} instead of {status}: {answer}")

    def _count(self, status):
        with self._lock:
            self.runs[status] += 1

    def _post(self, connection, envelope, **headers):
        return connection.request("POST", "/v1/runs", envelope, {**self.headers, **headers})

    def retry(self, connection, number):
        envelope = {"code": "return context", "context": number}
        for replayed in (False, True):
            answer = self._post(connection, envelope, **{"Idempotency-Key": f"soak-{number}"})
            if ("idempotency-replayed" in answer.headers) != replayed or answer.json["output"] != number:
                raise ValueError(f"{answer} {answer.headers}")
            if not replayed:
                self._ran(answer, "ok")

    def large(self, connection, number):
        answer = self._post(connection, {"code": "return #context", "context": LINES * 250})
        self._ran(answer, "ok")

    def validate(self, connection, number):
        answer = connection.request("POST", "/v1/validate", {"code": "local unused = 1 return undefined"}, self.headers)
        self._expect(answer, 200)

    def _request(self, envelope, request_id):
        body = json.dumps(envelope).encode()
        return (f"POST /v1/runs HTTP/1.1\r\nHost: {self.service.host}\r\nAuthorization: {self.headers['Authorization']}\r\n"
                f"X-Request-Id: {request_id}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                ).encode(), body

    @contextlib.contextmanager
    def _spinning(self, connection, number):
        """A run that goes on, asked for on a socket of its own: the socket, and the run's id."""
        with self.service.raw_socket() as own:
            own.sendall(b"".join(self._request({"code": SPIN, "limits": {"cpu_ms": 9000}}, f"spin-{number}")))
            deadline, run = time.monotonic() + 30, None
            while run is None:
                if time.monotonic() > deadline:
                    raise ValueError(f"spin-{number} is not there")
                going = self._expect(connection.request("GET", "/v1/stats", None, self.admin), 200).json["runs"]["in_flight"]
                run = next((run["id"] for run in going if run["request_id"] == f"spin-{number}"), None)
            yield own, run

    def cancel(self, connection, number):
        with self._spinning(connection, number) as (own, run):
            self._expect(connection.request("DELETE", f"/v1/runs/{run}", None, self.headers), 202)
            self._count("cancelled")
            with own.makefile("rb") as answer:
                if b" 200 " not in answer.readline():
                    raise ValueError("the cancelled run was not answered")

    def vanish(self, connection, number):
        with self._spinning(connection, number):
            self._count("cancelled")

    def slow_body(self, connection, number):
        """In three parts, and every other time gone before the last."""
        head, body = self._request({"code": "return 1"}, f"slow-{number}")
        with self.service.raw_socket() as own:
            own.sendall(head + body[:5])
            time.sleep(0.01)
            own.sendall(body[5:10])
            if number % 2:
                return
            own.sendall(body[10:])
            with own.makefile("rb") as answer:
                if b" 200 " not in answer.readline():
                    raise ValueError("it was not answered")
            self._count("ok")

    def look(self, connection, number):
        paths = ("/v1/runs?limit=100", "/v1/runs?status=cpu_limit", "/v1/costs/daily", "/v1/health", "/v1/plugins")
        self._expect(connection.request("GET", paths[number % len(paths)], None, self.admin), 200)

    def publish(self, connection, number):
        """The same version again, and the other of two installed."""
        version = f"1.{number % 2}.0"
        self._expect(connection.request("PUT", f"/v1/plugins/soak/sum/versions/{version}", SUM_PLUGIN, self.headers), 200)
        path = f"/v1/tenants/{self.tenant}/plugins/soak/sum"
        self._expect(connection.request("PUT", path, {"version": version}, self.headers), 200)

    def change_policy(self, connection, number):
        """As an administrator does: another document, and SIGHUP."""
        if self.done["change_policy"] % 20 == 0:
            self.service.write_policy("reloaded", {"extends": "default", "description": f"version {number}"})
            self.service.process.send_signal(signal.SIGHUP)
