# SPDX-License-Identifier: Apache-2.0
"""What deploy/ ships, against a live sandboxd: a real Prometheus scrapes it, an incident makes the alerts fire, every
expression of the dashboard gives data; the unit's hardening keeps its score; every alert has its page."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import BUILD_DIR, SOURCE_DIR, wait_until

DEPLOY = SOURCE_DIR / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
EXPOSURE_MAX = 26  # tenths, as systemd-analyze counts them

for tool in ("prometheus", "promtool", "systemd-analyze"):
    if shutil.which(tool) is None:
        print(f"host lacks: {tool}")
        sys.exit(77)


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=daemon.PATIENCE_S)


def alert_names():
    return re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))


def dashboard_expressions():
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def metric_names(text):
    """The metrics that an expression names; functions, labels and label values are none."""
    text = re.sub(r'"[^"]*"|\{[^}]*\}|\b(?:by|without) \([^)]*\)', " ", text)
    return set(re.findall(r"\b((?:sandbox|process)_\w+)\b(?!\s*\()", text))


class Prometheus:
    """The real one, scraping twice and evaluating five times a second."""

    def __init__(self, target):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sandboxd-test-"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = {"global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "200ms"},
                  "rule_files": [str(RULES)],
                  "scrape_configs": [{"job_name": "sandboxd", "static_configs": [{"targets": [target]}]}]}
        (self.folder / "prometheus.yml").write_text(json.dumps(config), encoding="utf-8")
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=exemplar-storage", "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def stop(self):
        self.process.terminate()
        self.process.wait(daemon.PATIENCE_S)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=daemon.PATIENCE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None  # it is starting
            raise AssertionError(f"{query}: {error.read().decode()}") from None
        except OSError:
            return None  # not there yet

    def values(self, expression):
        answer = self.ask("query", query=expression)
        return answer["result"] if answer else []

    def firing(self):
        answer = self.ask("alerts")
        return {alert["labels"]["alertname"]: alert for alert in (answer or {"alerts": []})["alerts"]
                if alert["state"] == "firing"}


class FilesTest(unittest.TestCase):
    def test_rules_are_sound_and_their_own_tests_pass(self):
        for command in (["check", "rules", RULES], ["test", "rules", RULES.with_name("rules_test.yml")],
                        ["check", "config", RULES.with_name("prometheus.yml")]):
            result = run("promtool", *command)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_alert_is_tested_and_has_its_page(self):
        tests = RULES.with_name("rules_test.yml").read_text(encoding="utf-8")
        runbook = (SOURCE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
        pages = re.findall(r"^### (Sandboxd\w+)$", runbook, re.MULTILINE)
        self.assertEqual(pages, alert_names())
        for name in alert_names():
            self.assertIn(f'alertname="{name}"', tests)
            self.assertIn(f"runbook: docs/operations.md#{name.lower()}\n", RULES.read_text(encoding="utf-8"))
            page = runbook.split(f"### {name}\n")[1].split("\n### ")[0]
            for part in ("**Means**", "**See**", "**Do**"):
                self.assertIn(part, page, name)

    def test_the_unit_keeps_its_score(self):
        unit = BUILD_DIR / "deploy" / "sandboxd.service"
        result = run("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE_MAX}", str(unit))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("Unknown", result.stderr)

    def test_the_units_configuration_is_taken(self):
        for example in (DEPLOY / "systemd" / "sandboxd.json",):
            result = run(str(daemon.SANDBOXD), "--config", str(example), "--check-config")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_what_compose_mounts_is_there(self):
        folder = DEPLOY / "container"
        text = (folder / "compose.yaml").read_text(encoding="utf-8")
        mounts = re.findall(r"- (\.\./\S+?):", text)
        self.assertEqual(len(mounts), 3)
        for mount in mounts:
            self.assertTrue((folder / mount).exists(), mount)
        self.assertTrue((SOURCE_DIR / re.search(r"dockerfile: (\S+)", text)[1]).exists())


class LiveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Spans have nowhere to go: one of the incidents.
        cls.running = daemon.Daemon(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
                                                 "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_EXPORT_TIMEOUT": "100"})
        cls.running.start()
        cls.addClassCleanup(cls.running.stop)
        cls.prometheus = Prometheus(f"127.0.0.1:{cls.running.port}")
        cls.addClassCleanup(cls.prometheus.stop)
        wait_until(lambda: cls.prometheus.values('up{job="sandboxd"} == 1'), "the first scrape")

    def make_traffic(self):
        self.running.run("return 1")
        self.running.run("error('x')")
        self.running.run("while true do end", limits={"cpu_ms": 10})
        self.running.post("/v1/runs", {"code": 1})

    def test_metrics_are_clean_in_both_formats(self):
        self.make_traffic()
        result = run("promtool", "check", "metrics", text=self.running.get("/metrics").body.decode())
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))
        # The other one is what Prometheus itself asks for, and it is read without a fault.
        wait_until(lambda: [target["lastError"] for target in self.prometheus.ask("targets")["activeTargets"]] == [""],
                   "a scrape without a fault")

    def test_exemplars_are_stored(self):
        def found():
            self.make_traffic()
            return self.prometheus.ask("query_exemplars", query="sandbox_run_duration_seconds_bucket",
                                       start="2020-01-01T00:00:00Z", end="2100-01-01T00:00:00Z")

        exemplar = wait_until(found, "exemplars")[0]["exemplars"][0]
        self.assertRegex(exemplar["labels"]["trace_id"], "^[0-9a-f]{32}$")

    def test_every_metric_of_dashboard_and_rules_exists(self):
        self.make_traffic()
        exposed = set(re.findall(r"^(\w+)", self.running.get("/metrics").body.decode(), re.MULTILINE))
        described = set(re.findall(r"^# TYPE (\w+)", self.running.get("/metrics").body.decode(), re.MULTILINE))
        for where, text in [*dashboard_expressions(), ("rules", RULES.read_text(encoding="utf-8").split("groups:")[1])]:
            for name in metric_names(text):
                self.assertIn(name, exposed | described, where)

    def test_every_expression_of_the_dashboard_gives_data(self):
        for title, expression in dashboard_expressions():
            for variable, value in (("$__rate_interval", "30s"), ("$__range", "1h"), ("$instance", ".*")):
                expression = expression.replace(variable, value)
            self.assertNotIn("$", expression)

            def data():
                self.make_traffic()
                return [result for result in self.prometheus.values(expression) if result["value"][1] != "NaN"]

            wait_until(data, f"data of \"{title}\": {expression}")

    def test_alerts_fire_in_an_incident_and_say_what_it_is(self):
        running = self.running
        before = self.prometheus.firing().keys() - {"SandboxdSpansLost", "SandboxdLayerMissing"}
        self.assertEqual(before, set())
        # A zygote is killed while runs are in it; a policy is broken; spans are lost all along.
        self.make_traffic()
        zygotes = [pid for pid in running.descendants() if daemon.process_title(pid).startswith("sandbox-zygote")]
        self.assertTrue(zygotes)
        for pid in zygotes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # went with its parent
        (running.policy_dir / "broken.json").write_text("{", encoding="utf-8")
        running.process.send_signal(signal.SIGHUP)
        expected = {"SandboxdZygoteDied", "SandboxdPolicyReloadFailed", "SandboxdSpansLost"}

        def firing():
            self.running.post("/v1/runs", {"code": "return 1"})
            alerts = self.prometheus.firing()
            return alerts if expected <= alerts.keys() else None

        alerts = wait_until(firing, f"{expected}")
        for name in expected:
            annotations = alerts[name]["annotations"]
            self.assertIn("127.0.0.1:", annotations["summary"])
            self.assertIn(name.lower(), annotations["runbook"])
        self.assertIn("failed", alerts["SandboxdSpansLost"]["annotations"]["description"])
        (running.policy_dir / "broken.json").unlink()
        running.process.send_signal(signal.SIGHUP)
        wait_until(lambda: running.post("/v1/runs", {"code": "return 1"}).status == 200, "runs again")


if __name__ == "__main__":
    daemon.main()
