# SPDX-License-Identifier: Apache-2.0
"""sandboxd's configuration as an administrator meets it: flags, environment, file, and what is said when they
are wrong."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import SANDBOXD, SOURCE_DIR, Daemon, wait_until


def sandboxd(*arguments, environment=None, config=None):
    """Runs it to its end. The policies are the stock ones."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOXD_")}
    clean["SANDBOXD_POLICY_DIR"] = str(SOURCE_DIR / "policies")
    clean.update(environment or {})
    with tempfile.TemporaryDirectory(prefix="sandboxd-config-") as folder:
        if config is not None:
            path = pathlib.Path(folder, "sandboxd.json")
            path.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
            arguments = ("--config", str(path), *arguments)
        return subprocess.run([str(SANDBOXD), *arguments], env=clean, capture_output=True, text=True, check=False,
                              timeout=daemon.PATIENCE_S)


class ConfigTest(unittest.TestCase):
    def test_help_names_every_option_and_the_documentation_too(self):
        result = sandboxd("--help")
        self.assertEqual(result.returncode, 0)
        guide = (SOURCE_DIR / "docs" / "configuration.md").read_text(encoding="utf-8")
        members = re.findall(r"SANDBOXD_\w+, ([\w.]+);", result.stdout)
        self.assertGreater(len(members), 10)
        for member in members:
            self.assertIn(f"`{member}`", guide)

    def test_version(self):
        self.assertRegex(sandboxd("--version").stdout, r"^sandboxd \d+\.\d+\.\d+\n$")

    def test_auth_off_serves_this_host_only(self):
        for address in ("0.0.0.0:0", "[::]:0", ":0"):
            result = sandboxd("--auth", "off", "--listen", address)
            self.assertEqual(result.returncode, 2, address)
            self.assertIn("can be reached from other hosts", result.stderr)

    def test_auth_on_may_serve_other_hosts(self):
        result = sandboxd("--check-config", "--listen", "0.0.0.0:0")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_every_fault_is_told_with_its_place(self):
        config = '{\n  "listen": "x",\n  "htp": {},\n  "http": {"threads": 0, "thread": 1},\n  "auth": "off",\n' \
                 '  "auth": "off"\n}'
        result = sandboxd("--check-config", config=config)
        self.assertEqual(result.returncode, 2)
        places = re.findall(r"sandboxd\.json:(\d+):(\d+): ", result.stderr)
        self.assertEqual([int(line) for line, _ in places], [2, 3, 4, 4, 6], result.stderr)
        self.assertIn('did you mean "http"?', result.stderr)
        self.assertIn('did you mean "threads"?', result.stderr)

    def test_what_is_no_json_is_told_with_its_place(self):
        result = sandboxd("--check-config", config='{"auth": "off",}')
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"sandboxd\.json:1:16: ")

    def test_wrong_flags_and_variables_are_named(self):
        result = sandboxd("--auth=off", "--http-thread", "3", environment={"SANDBOXD_QUEUE": "many"})
        self.assertEqual(result.returncode, 2)
        self.assertIn("--http-threads", result.stderr)
        self.assertIn("SANDBOXD_QUEUE", result.stderr)

    def test_check_config_checks_policies_too(self):
        self.assertEqual(sandboxd("--auth=off", "--check-config").returncode, 0)
        with tempfile.TemporaryDirectory(prefix="sandboxd-config-") as folder:
            pathlib.Path(folder, "broken.json").write_text('{"name": "broken",\n "limit": {}}', encoding="utf-8")
            result = sandboxd("--auth=off", "--check-config", "--policy-dir", folder)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"broken\.json:2:\d+: ")

    def test_print_config_shows_what_is_in_force(self):
        result = sandboxd("--print-config", "--log-level=warn", environment={"SANDBOXD_HTTP_THREADS": "5"},
                          config={"http": {"threads": 3, "idle_timeout_ms": "5s"}, "auth": "off"})
        printed = json.loads(result.stdout)
        self.assertEqual(printed["http"]["threads"], 5)
        self.assertEqual(printed["http"]["idle_timeout_ms"], 5000)
        self.assertEqual(printed["log"]["level"], "warn")
        again = sandboxd("--print-config", config=printed)
        self.assertEqual(json.loads(again.stdout), printed)

    def test_an_address_in_use_is_told(self):
        with Daemon() as first:
            result = sandboxd("--auth", "off", "--listen", f"127.0.0.1:{first.port}", "--log-format", "json",
                              "--state-dir", str(first.scratch / "second"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("Address already in use", result.stderr)

    def test_several_listeners_and_one_for_metrics(self):
        with tempfile.TemporaryDirectory(prefix="sandboxd-config-") as folder:
            path = pathlib.Path(folder, "s.sock")
            settings = {"listen": ["127.0.0.1:0", f"unix:{path}"], "metrics_listen": "127.0.0.1:0"}
            with Daemon(settings=settings) as service:
                addresses = [service.wait_for_log(lambda r, n=n: r.get("msg") == "listening" and
                                                  r["address"] not in n, "another listener")["address"]
                             for n in ([], [f"127.0.0.1:{service.port}"],
                                       [f"127.0.0.1:{service.port}", f"unix:{path}"])]
                self.assertEqual(addresses[1], f"unix:{path}")
                self.assertEqual(path.stat().st_mode & 0o777, 0o660)
                metrics = daemon.Connection("127.0.0.1", int(addresses[2].rpartition(":")[2]))
                self.assertEqual(metrics.request("GET", "/metrics").status, 200)
                self.assertEqual(metrics.request("GET", "/readyz").status, 200)
                self.assertEqual(metrics.request("POST", "/v1/runs", {"code": ""}).status, 404)
                self.assertEqual(service.get("/metrics").status, 404)
                self.assertEqual(service.get("/livez").status, 200)
                metrics.close()
                curl = subprocess.run(["curl", "-s", "--unix-socket", str(path), "--json", '{"code":"return 7"}',
                                       "http://x/v1/runs"], capture_output=True, check=True,
                                      timeout=daemon.PATIENCE_S)
                self.assertEqual(json.loads(curl.stdout)["output"], 7)

    def test_workers_and_queue_are_bounded_as_configured(self):
        settings = {"workers": {"max_running": 1, "queue": 0}}
        with Daemon(settings=settings) as service:
            thread = threading.Thread(target=lambda: service.post("/v1/runs", {"code": "while true do end"}))
            thread.start()
            run = daemon.wait_until(lambda: next(iter(service.get("/v1/stats").json["runs"]["in_flight"]), None),
                                    "the run")
            daemon.wait_until(lambda: service.get("/v1/stats").json["runs"]["running"], "the run")
            response = service.post("/v1/runs", {"code": "return 1"})
            self.assertEqual((response.status, response.json["code"]), (503, "queue_full"))
            self.assertIn("retry-after", response.headers)
            service.request("DELETE", f"/v1/runs/{run['id']}")
            thread.join()
            self.assertEqual(service.run("return 1")["output"], 1)

    def test_connections_are_bounded_as_configured(self):
        with Daemon(settings={"http": {"max_connections": 2}}) as service:
            with service.new_connection() as first, service.new_connection() as second, \
                    service.new_connection() as third:
                self.assertEqual(first.request("GET", "/v1/stats").status, 200)
                self.assertEqual(second.request("GET", "/v1/stats").status, 200)
                response = third.request("GET", "/v1/stats")
                self.assertEqual((response.status, response.json["code"]), (503, "queue_full"))
                self.assertEqual(third.request("GET", "/livez").status, 200)
                # The one too many is refused, and not those that were there before it.
                self.assertEqual(first.request("GET", "/v1/stats").status, 200)
                self.assertEqual(second.request("GET", "/v1/stats").status, 200)

    @unittest.skipUnless(os.geteuid() == 0, "host lacks: root")
    def test_a_policy_that_cannot_run_here_is_named_and_the_others_go_on(self):
        # An ordinary user has no user to spare for plugins.
        policies = {"demanding": {"extends": "base", "isolation": {"require": ["dedicated_uid"]}}}
        with Daemon(policies=policies, run_as=65534, settings={"health_interval_ms": 20}) as service:
            self.assertEqual(service.run("return 1")["output"], 1)
            response = service.post("/v1/runs", {"code": "return 1", "policy": "demanding"})
            self.assertEqual((response.status, response.json["code"]), (503, "policy_unavailable"))
            self.assertIn("dedicated_uid", response.json["detail"])
            health = wait_until(lambda: (found := service.get("/v1/health").json)["status"] == "warn" and found,
                                "the health check")
            self.assertEqual(health["status"], "warn")
            self.assertEqual(health["checks"]["policy:demanding"][0]["status"], "warn")
            self.assertEqual(health["checks"]["policy:default"][0]["status"], "pass")
            service.write_policy("another", {"extends": "base"})
            service.process.send_signal(signal.SIGHUP)
            service.wait_for_log(lambda r: r.get("msg") == "policies reloaded", "the reload")
            self.assertEqual(service.run("return 1", policy="another")["output"], 1)
            self.assertEqual(service.post("/v1/runs", {"code": "return 1", "policy": "demanding"}).status, 503)

    def test_a_memory_limit_above_the_budget_is_refused_by_name(self):
        with Daemon(settings={"workers": {"memory_budget": "64MiB"}}) as service:
            response = service.post("/v1/runs", {"code": "return 1"})
            self.assertEqual((response.status, response.json["code"]), (422, "limit_out_of_range"))
            self.assertEqual(response.json["errors"][0]["pointer"], "/limits/memory_bytes")
            self.assertEqual(service.run("return 1", limits={"memory_bytes": "32MiB"})["output"], 1)


if __name__ == "__main__":
    daemon.main()
