# SPDX-License-Identifier: Apache-2.0
"""A sandboxd of its own for one test: started on an ephemeral port of loopback with a scratch state folder
and a scratch copy of the stock policies, talked to over HTTP, stopped by its process id, and checked for
anything left behind. Python's standard library only.

    with Daemon() as daemon:
        result = daemon.run("return context.a + 1", {"a": 1})

SANDBOXD_BUILD_DIR names the build folder (default: build/ of the source tree), SANDBOX_ZYGOTE_PATH another
sandbox-zygote than that folder's, so that a sanitized sandboxd can drive a plain one.
"""

import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
BUILD_DIR = pathlib.Path(os.environ.get("SANDBOXD_BUILD_DIR", SOURCE_DIR / "build")).resolve()
SANDBOXD = BUILD_DIR / "sandboxd" / "sandboxd"
# The build that the zygote is of: programs that confine themselves are never sanitized.
ZYGOTE = pathlib.Path(os.environ.get("SANDBOX_ZYGOTE_PATH", BUILD_DIR / "runtime" / "zygote" / "sandbox-zygote"))
BREACHED_ZYGOTE = ZYGOTE.parents[2] / "tests" / "integration" / "breached_zygote"
# Whether a daemon's resident memory is its own: ThreadSanitizer keeps notes of all that was ever touched.
MEMORY_TELLS = "TSAN_OPTIONS" not in os.environ
# Bounds how long anything may take on a busy machine with sanitizers; no test measures time by it.
PATIENCE_S = float(os.environ.get("SANDBOXD_TEST_PATIENCE_S", "60"))

PR_SET_CHILD_SUBREAPER = 36
_MISSING = object()
_live = set()  # process ids of the daemons that this process runs


def wait_until(condition, what, timeout_s=PATIENCE_S):
    """Polls until condition() is true and returns its value; fails naming `what` if it never becomes so."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s in vain for {what}")
        time.sleep(0.01)


def _process_table():
    """(pid, parent, is zombie) of every process that can be seen."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            continue  # ended meanwhile
        yield int(entry), int(fields[1]), fields[0] in (b"Z", b"X")


def children_of(parent, zombies=False):
    return [pid for pid, its_parent, zombie in _process_table() if its_parent == parent and zombie == zombies]


def descendants(pid):
    """Process ids of everything alive below `pid`, parents first."""
    children = {}
    for child, parent, zombie in _process_table():
        if not zombie:
            children.setdefault(parent, []).append(child)
    found = []
    queue = [pid]
    while queue:
        for child in children.get(queue.pop(0), []):
            found.append(child)
            queue.append(child)
    return found


def process_title(pid):
    """The command line as ps shows it, or "" if the process is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def adopt_orphans():
    """Makes this process the parent of descendants that lose theirs, so that none escapes the check."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def was_starved(result):
    """Whether a run hit its wall-clock limit because this machine gave it no CPU time: then it could not tell
    where it was, and whatever else it should have reached it did not."""
    return result["status"] == "wall_limit" and result["usage"]["cpu_ms"] < result["limits"]["wall_ms"] / 2


class Response:
    """One answer: status, headers (names in lower case), body as bytes, and as JSON when asked for."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


class Connection:
    """A keep-alive connection. Opens again when the server closed it between two requests."""

    def __init__(self, host, port, timeout_s=PATIENCE_S):
        self._http = http.client.HTTPConnection(host, port, timeout=timeout_s)

    def request(self, method, path, body=None, headers=None):
        if isinstance(body, str):
            body = body.encode()
        elif body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body, separators=(",", ":")).encode()
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        self._http.request(method, path, body, headers)
        answer = self._http.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())

    def close(self):
        self._http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Daemon:
    """One sandboxd. `policies`: {name: document} added to the stock ones; `settings`: members of
    sandboxd.json; `environment`: more variables; `run_as`: uid to become before exec (as root only);
    `program`: another executable than sandboxd."""

    def __init__(self, policies=None, settings=None, environment=None, run_as=None, arguments=(), program=None):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="sandboxd-test-"))
        self.state_dir = self.scratch / "state"
        self.policy_dir = self.scratch / "policies"
        self.config_path = self.scratch / "sandboxd.json"
        self.records = []
        self._raw_log = []
        self._log_changed = threading.Condition()
        self._arguments = list(arguments)
        self._environment = environment or {}
        self._run_as = run_as
        self._program = program or SANDBOXD
        self._local = threading.local()
        self._connections = []
        self.process = None
        self.host = self.port = None
        self._write_files(policies or {}, settings or {})

    # --- starting and stopping

    def _write_files(self, policies, settings):
        self.state_dir.mkdir()
        self.policy_dir.mkdir()
        for stock in sorted((SOURCE_DIR / "policies").glob("*.json")):
            shutil.copy(stock, self.policy_dir)
        for name, document in policies.items():
            self.write_policy(name, document)
        config = {
            "listen": ["127.0.0.1:0"],
            "state_dir": str(self.state_dir),
            "policy_dir": str(self.policy_dir),
            "auth": "off",
            "log": {"level": "info", "format": "json"},
        }
        config.update(settings)
        self.config_path.write_text(json.dumps(config), encoding="utf-8")
        if self._run_as is not None:
            self.scratch.chmod(0o755)
            for path in [self.scratch, *self.scratch.rglob("*")]:
                os.chown(path, self._run_as, self._run_as)

    def write_policy(self, name, document):
        text = json.dumps({"name": name, **document}, indent=2)
        (self.policy_dir / f"{name}.json").write_text(text, encoding="utf-8")

    def _become(self):
        if self._run_as is not None:
            os.setgroups([])
            os.setresgid(self._run_as, self._run_as, self._run_as)
            os.setresuid(self._run_as, self._run_as, self._run_as)

    def start(self):
        adopt_orphans()
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("SANDBOXD_", "OTEL_"))
                       and not name.lower().endswith("_proxy")  # libcurl asks it for loopback, too
                       and name not in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")}
        environment.update(self._environment)
        self.process = subprocess.Popen(
            [str(self._program), "--config", str(self.config_path), *self._arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment, preexec_fn=self._become, cwd="/")
        _live.add(self.pid)
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        try:
            record = self.wait_for_log(lambda r: r.get("msg") == "listening", "the listening record")
        except AssertionError:
            self.kill()
            raise
        self.host, _, port = record["address"].rpartition(":")
        self.port = int(port)
        return self

    def halt(self, number=signal.SIGTERM):
        """Ends the process by a signal and keeps its folders, for start_again."""
        for connection in self._connections:
            connection.close()
        self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        _live.discard(self.pid)
        wait_until(lambda: not self._left_behind(), "the end of its processes")

    @property
    def admin_key(self):
        """With auth on: the key that the first start made."""
        return (self.state_dir / "admin.key").read_text(encoding="ascii").strip()

    @staticmethod
    def bearer(key):
        """Headers that authenticate with a key."""
        return {"Authorization": f"Bearer {key}"}

    def start_again(self):
        """After its end: the same folders, with a log of its own."""
        self._log_reader.join()
        self.records.clear()
        self._raw_log.clear()
        self._local.__dict__.clear()
        return self.start()

    def _read_log(self):
        for line in self.process.stderr:
            with self._log_changed:
                self._raw_log.append(line)
                try:
                    self.records.append(json.loads(line))
                except ValueError:
                    pass  # of a sanitizer; shown when the test fails
                self._log_changed.notify_all()
        self.process.stderr.close()
        with self._log_changed:
            self._raw_log.append(b"")
            self._log_changed.notify_all()

    def wait_for_log(self, predicate, what, timeout_s=PATIENCE_S):
        """The first record for which predicate(record) is true."""
        def found():
            return next((record for record in self.records if predicate(record)), None)

        with self._log_changed:
            ended = lambda: self._raw_log and self._raw_log[-1] == b""
            self._log_changed.wait_for(lambda: found() or ended(), timeout_s)
            record = found()
        if record is None:
            raise AssertionError(f"sandboxd never logged {what}:\n{self.log_text}")
        return record

    @property
    def log_text(self):
        return b"".join(self._raw_log).decode("utf-8", "replace")

    @property
    def pid(self):
        return self.process.pid

    def stop(self, check=True):
        """SIGTERM; with `check`, it must exit 0 and leave no process behind."""
        for connection in self._connections:
            connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"sandboxd did not end after SIGTERM:\n{self.log_text}") from None
        self._remove(check)
        if check and status != 0:
            raise AssertionError(f"sandboxd exited with {status}:\n{self.log_text[-20000:]}")

    def kill(self):
        """SIGKILL; everything that it started must go with it."""
        for connection in self._connections:
            connection.close()
        self.process.kill()
        self.process.wait()
        self._remove(True)

    def _remove(self, check):
        shutil.rmtree(self.scratch, ignore_errors=True)
        _live.discard(self.pid)
        if check:
            wait_until(lambda: not self._left_behind(),
                       f"the end of the processes {self._left_behind()}")

    @staticmethod
    def _left_behind():
        """What sandboxd left: this process adopted it, and has no children but other daemons."""
        for pid in children_of(os.getpid(), zombies=True):
            if pid not in _live:
                os.waitpid(pid, os.WNOHANG)
        orphans = [pid for pid in children_of(os.getpid()) if pid not in _live]
        return [(pid, process_title(pid)) for orphan in orphans for pid in (orphan, *descendants(orphan))]

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.stop(check=kind is None)
        if kind is not None:
            sys.stderr.write(f"--- log of sandboxd, its end\n{self.log_text[-8000:]}")

    # --- talking to it

    def connection(self):
        """This thread's keep-alive connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = Connection(self.host, self.port)
            self._connections.append(connection)
        return connection

    def new_connection(self):
        return Connection(self.host, self.port)

    def raw_socket(self, timeout_s=PATIENCE_S):
        return socket.create_connection((self.host, self.port), timeout_s)

    def request(self, method, path, body=None, headers=None):
        connection = self.connection()
        try:
            return connection.request(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # An idle keep-alive connection may be closed at any time: ask again on a fresh one, once.
            connection.close()
            return connection.request(method, path, body, headers)
        except Exception:
            connection.close()
            raise

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def run(self, code, context=_MISSING, **envelope):
        """Posts a run and returns its result; anything but 200 fails the test."""
        body = {"code": code, **envelope}
        if context is not _MISSING:
            body["context"] = context
        response = self.post("/v1/runs", body)
        if response.status != 200:
            raise AssertionError(f"POST /v1/runs: {response}")
        return response.json

    # --- looking at it

    def descendants(self):
        return descendants(self.pid)

    def titles(self):
        return [title for title in map(process_title, self.descendants()) if title]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident_bytes(self):
        return resident_bytes(self.pid)


class DaemonTest(unittest.TestCase):
    """Tests that share one daemon per class; `daemon_options` are Daemon's arguments."""

    daemon_options = {}
    daemon = None

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(**cls.daemon_options).start()

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()

    def assert_status(self, result, *statuses):
        self.assertIn(result["status"], statuses, json.dumps(result)[:2000])


def lacks(name):
    """Skips a test because this host lacks something that tests/host_facts.py knows by `name`."""
    raise unittest.SkipTest(f"host lacks: {name}")


def main():
    """unittest.main() with meson's exit codes: 77 if something was skipped and nothing failed."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    for _, reason in result.skipped:
        print(reason)
    sys.exit(77 if result.skipped else 0)
