# SPDX-License-Identifier: Apache-2.0
"""Starting, reloading and stopping, as a service manager and an administrator do it."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import SANDBOXD, SOURCE_DIR, Daemon, wait_until

HOSTILE = daemon.BUILD_DIR / "tests" / "unit" / "engine" / "hostile_zygote"
SPIN = {"code": "while true do end"}


class Asked:
    """A request that is answered in a thread of its own."""

    def __init__(self, service, body, *how):
        self.response = None
        self._thread = threading.Thread(target=self._ask, args=(service, body, *how))
        self._thread.start()

    def _ask(self, service, body, method="POST", path="/v1/runs", headers=None):
        with service.new_connection() as connection:
            self.response = connection.request(method, path, body, headers)

    def wait(self):
        self._thread.join(daemon.PATIENCE_S)
        return self.response


def running(service):
    return service.get("/v1/stats").json["runs"]["running"]


class StopTest(unittest.TestCase):
    def test_runs_end_before_the_service_does(self):
        service = Daemon(settings={"stop_timeout_ms": 60000}).start()
        asked = Asked(service, {"code": "while true do end", "limits": {"cpu_ms": 400}})
        wait_until(lambda: running(service), "the run")
        service.stop()
        self.assertEqual(asked.wait().json["status"], "cpu_limit")
        self.assertEqual(service.records[-1]["msg"], "stopped")

    def test_runs_are_cancelled_at_the_deadline_and_still_answered(self):
        service = Daemon(settings={"stop_timeout_ms": 100}).start()
        asked = [Asked(service, SPIN) for _ in range(3)]
        wait_until(lambda: running(service) == 3, "the runs")
        service.stop()
        for one in asked:
            self.assertEqual(one.wait().json["status"], "cancelled")
            self.assertEqual(one.response.headers["connection"].lower(), "close")

    def test_a_second_signal_cancels_at_once(self):
        service = Daemon(settings={"stop_timeout_ms": 3600000}).start()
        asked = Asked(service, SPIN)
        wait_until(lambda: running(service), "the run")
        service.process.send_signal(signal.SIGTERM)
        service.wait_for_log(lambda r: r.get("msg") == "stopping", "that it stops")
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(asked.wait().json["status"], "cancelled")
        service.stop()

    def test_new_requests_are_refused_while_it_stops(self):
        service = Daemon(settings={"stop_timeout_ms": 3600000}).start()
        with service.new_connection() as kept:
            self.assertEqual(kept.request("GET", "/readyz").status, 200)
            asked = Asked(service, SPIN)
            wait_until(lambda: running(service), "the run")
            service.process.send_signal(signal.SIGTERM)
            service.wait_for_log(lambda r: r.get("msg") == "stopping", "that it stops")
            # The state changes before the line is written; the listener closes after it.
            response = kept.request("GET", "/readyz")
            self.assertEqual((response.status, response.body), (503, b"stopping\n"))
        wait_until(lambda: self.refused(service), "the listener's end")
        service.process.send_signal(signal.SIGTERM)
        self.assertEqual(asked.wait().json["status"], "cancelled")
        service.stop()

    def test_a_change_that_has_not_begun_is_refused_when_it_stops(self):
        service = Daemon(settings={"stop_timeout_ms": 100}, environment={"SANDBOX_ZYGOTE_PATH": str(HOSTILE)}).start()
        zygotes = set(daemon.children_of(service.pid))
        names = ["never_ready", *(f"waits{number}" for number in range(5))]
        asked = []
        for name in names:
            asked.append(Asked(service, {"name": name, "extends": "base"}, "PUT", f"/v1/policies/{name}",
                               {"If-None-Match": "*"}))
            hung = wait_until(lambda: set(daemon.children_of(service.pid)) - zygotes, "the new zygote")
        wait_until(lambda: service.get("/v1/stats").json["http"]["connections"] > len(names), "the requests")
        service.process.send_signal(signal.SIGTERM)
        service.wait_for_log(lambda r: r.get("msg") == "stopping", "that it stops")
        os.kill(hung.pop(), signal.SIGKILL)
        self.assertEqual(asked[0].wait().json["code"], "policy_cannot_start")
        for one in asked[1:]:
            self.assertEqual((one.wait().status, one.response.json["code"]), (503, "stopping"))
        service.stop()

    @staticmethod
    def refused(service):
        try:
            service.raw_socket().close()
            return False
        except ConnectionRefusedError:
            return True

    def test_killing_it_takes_every_process_along(self):
        service = Daemon().start()
        thread = threading.Thread(target=lambda: self.ask_in_vain(service))
        thread.start()
        wait_until(lambda: running(service), "the run")
        self.assertGreater(len(service.descendants()), 5)
        service.kill()
        thread.join()

    @staticmethod
    def ask_in_vain(service):
        try:
            with service.new_connection() as connection:
                connection.request("POST", "/v1/runs", SPIN)
        except OSError:
            pass

    def test_a_slow_client_does_not_hold_the_end_up(self):
        service = Daemon(settings={"stop_timeout_ms": 200, "http": {"idle_timeout_ms": 600000}}).start()
        with service.raw_socket() as connection:
            connection.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               b"Content-Length: 100\r\n\r\n{")
            wait_until(lambda: service.get("/v1/stats").json["http"]["connections"] >= 2, "the connection")
            service.stop()


class ReloadTest(unittest.TestCase):
    def test_policies_are_read_again(self):
        with Daemon(policies={"small": {"extends": "base", "limits": {"cpu_ms": 100}}}) as service:
            before = service.run("return 1", policy="small")
            self.assertEqual(before["limits"]["cpu_ms"], 100)
            service.write_policy("small", {"extends": "base", "limits": {"cpu_ms": 200}})
            service.write_policy("new", {"extends": "base"})
            service.process.send_signal(signal.SIGHUP)
            service.wait_for_log(lambda r: r.get("msg") == "policies reloaded", "the reload")
            after = service.run("return 1", policy="small")
            self.assertEqual(after["limits"]["cpu_ms"], 200)
            self.assertNotEqual(after["policy"]["version"], before["policy"]["version"])
            self.assertEqual(service.run("return 1", policy="new")["status"], "ok")
            self.assertIn('sandbox_policy_reloads_total{result="ok"} 2', service.get("/metrics").body.decode())

    def test_a_faulty_policy_changes_nothing(self):
        with Daemon(policies={"small": {"extends": "base", "limits": {"cpu_ms": 100}}}) as service:
            service.write_policy("small", {"extends": "base", "limits": {"cpu": 1}})
            service.process.send_signal(signal.SIGHUP)
            fault = service.wait_for_log(lambda r: r.get("msg") == "fault in a policy", "the fault")
            self.assertIn("small.json", fault["file"])
            self.assertGreater(fault["line"], 0)
            service.wait_for_log(lambda r: r.get("msg", "").startswith("policies not reloaded"), "the refusal")
            self.assertEqual(service.run("return 1", policy="small")["limits"]["cpu_ms"], 100)
            self.assertIn('sandbox_policy_reloads_total{result="failed"} 1', service.get("/metrics").body.decode())

    def test_the_log_level_changes_and_what_cannot_is_named(self):
        with Daemon() as service:
            config = json.loads(service.config_path.read_text(encoding="utf-8"))
            config["log"]["level"] = "debug"
            config["http"] = {"threads": 4}
            service.config_path.write_text(json.dumps(config), encoding="utf-8")
            service.process.send_signal(signal.SIGHUP)
            record = service.wait_for_log(lambda r: r.get("msg") == "configuration reloaded", "the reload")
            self.assertEqual(record["needs_restart"], "http.threads")
            service.get("/livez")
            service.wait_for_log(lambda r: r.get("msg") == "request" and r["path"] == "/livez", "a debug line")

    def test_runs_go_on_over_a_reload(self):
        with Daemon() as service:
            asked = Asked(service, {"code": "while true do end", "limits": {"cpu_ms": 500}})
            wait_until(lambda: running(service), "the run")
            service.process.send_signal(signal.SIGHUP)
            service.wait_for_log(lambda r: r.get("msg") == "policies reloaded", "the reload")
            self.assertEqual(asked.wait().json["status"], "cpu_limit")


class ServiceManagerTest(unittest.TestCase):
    def test_it_tells_the_service_manager_how_it_goes(self):
        with tempfile.TemporaryDirectory(prefix="sandboxd-notify-") as folder:
            path = str(pathlib.Path(folder, "notify"))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(path)
                manager.settimeout(daemon.PATIENCE_S)
                service = Daemon(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}).start()
                said = []
                self.hear(manager, said, "READY=1")
                self.hear(manager, said, "WATCHDOG=1")
                service.process.send_signal(signal.SIGHUP)
                self.hear(manager, said, "RELOADING=1")
                self.hear(manager, said, "READY=1")
                service.stop()
                self.hear(manager, said, "STOPPING=1")

    def test_a_reload_that_hangs_holds_up_neither_watchdog_nor_stop(self):
        with tempfile.TemporaryDirectory(prefix="sandboxd-notify-") as folder:
            path = str(pathlib.Path(folder, "notify"))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(path)
                manager.settimeout(daemon.PATIENCE_S)
                service = Daemon(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000",
                                              "SANDBOX_ZYGOTE_PATH": str(HOSTILE)}).start()
                said = []
                zygotes = set(daemon.children_of(service.pid))
                service.write_policy("never_ready", {"extends": "base"})
                service.process.send_signal(signal.SIGHUP)
                self.hear(manager, said, "RELOADING=1")
                hung = wait_until(lambda: set(daemon.children_of(service.pid)) - zygotes, "the new zygote")
                self.hear(manager, said, "WATCHDOG=1")
                self.hear(manager, said, "WATCHDOG=1")
                self.assertFalse([record for record in service.records if "policies" in record["msg"]])
                service.process.send_signal(signal.SIGTERM)
                self.hear(manager, said, "STOPPING=1")
                os.kill(hung.pop(), signal.SIGKILL)
                service.stop()

    def hear(self, manager, said, expected):
        while True:
            said.append(manager.recv(4096).decode())
            if expected in said[-1].split("\n"):
                return

    def test_sockets_of_systemd_take_the_place_of_its_own(self):
        with (socket.create_server(("127.0.0.1", 0)) as listener,
              tempfile.TemporaryDirectory(prefix="sandboxd-state-") as state):
            port = listener.getsockname()[1]

            # The variable must hold the child's own pid, which only a shell can know beforehand.
            command = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "{SANDBOXD}" --auth off --log-format json ' \
                      f'--listen 127.0.0.1:1 --state-dir "{state}" ' \
                      f'--policy-dir "{SOURCE_DIR / "policies"}" 3<&{listener.fileno()}'
            process = subprocess.Popen(["sh", "-c", command], pass_fds=[listener.fileno()],
                                       stderr=subprocess.PIPE, text=True)
            for line in process.stderr:
                if json.loads(line).get("msg") == "listening":
                    break
            self.assertEqual(json.loads(line)["address"], f"127.0.0.1:{port}")
            with daemon.Connection("127.0.0.1", port) as connection:
                self.assertEqual(connection.request("GET", "/livez").status, 200)
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            self.assertEqual(process.wait(daemon.PATIENCE_S), 0)
            process.stderr.close()


if __name__ == "__main__":
    daemon.main()
