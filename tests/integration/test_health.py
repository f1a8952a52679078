# SPDX-License-Identifier: Apache-2.0
"""GET /v1/health: what the checks in the background find, three looks before one counts, and recovery by itself."""

import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon, wait_until

OFTEN = {"health_interval_ms": 20}
FIGURES = {"engine:queued": "runs", "engine:running": "runs", "engine:zygotes": "policies", "engine:idle_workers": "processes",
           "engine:zygote_restarts": "restarts", "engine:promised_memory": "bytes", "engine:check_duration": "ms",
           "http:connections": "connections", "isolation:active_layers": "layers", "policy:default": "boolean",
           "store:history_dropped": "runs", "store:history_queue": "runs", "store:read": "ms", "store:check_duration": "ms",
           "disk:available": "bytes", "disk:check_duration": "ms"}


class Health(unittest.TestCase):
    def check(self, daemon, name):
        return daemon.get("/v1/health").json["checks"][name][0]

    def test_every_check_has_figure_unit_status_and_time(self):
        with Daemon() as daemon:
            report = daemon.get("/v1/health")
            self.assertEqual(200, report.status)
            self.assertEqual("application/health+json", report.headers["content-type"])
            for name, unit in FIGURES.items():
                [check] = report.json["checks"][name]
                self.assertEqual(unit, check["observedUnit"], name)
                self.assertRegex(check["time"], r"^\d{4}-\d\d-\d\dT")
                self.assertEqual(check["status"] == "pass", "output" not in check, name)
            self.assertGreater(report.json["checks"]["disk:available"][0]["observedValue"], 0)

    def test_figures_are_looked_at_again(self):
        with Daemon(settings=OFTEN) as daemon:
            first = self.check(daemon, "engine:queued")["time"]
            wait_until(lambda: self.check(daemon, "engine:queued")["time"] > first, "the next look")

    def test_a_queue_that_stays_full_is_told_after_three_looks_and_recovers(self):
        settings = {**OFTEN, "workers": {"max_running": 1, "queue": 1}}
        with Daemon(settings=settings) as daemon:
            def spin():
                daemon.run("while true do end", limits={"cpu_ms": 10000, "wall_ms": 30000})
            threads = [threading.Thread(target=spin) for _ in range(2)]
            for thread in threads:
                thread.start()
            check = wait_until(lambda: (found := self.check(daemon, "engine:queued"))["status"] == "warn" and found,
                               "the warning")
            self.assertEqual((3, 1), (check["failures"], check["observedValue"]))
            self.assertIn("503", check["output"])
            self.assertEqual("warn", daemon.get("/v1/health").json["status"])
            daemon.wait_for_log(lambda r: r["msg"] == "health check warns" and r["measurement"] == "queued", "the log line")
            for run in daemon.get("/v1/stats").json["runs"]["in_flight"]:
                daemon.request("DELETE", f"/v1/runs/{run['id']}")
            for thread in threads:
                thread.join()
            wait_until(lambda: self.check(daemon, "engine:queued")["status"] == "pass", "the recovery")
            daemon.wait_for_log(lambda r: r["msg"] == "health check is well again", "the log line")

    def test_without_any_zygote_the_service_is_unhealthy_until_they_are_back(self):
        with tempfile.TemporaryDirectory(prefix="sandboxd-test-bin-") as folder:
            zygote = pathlib.Path(folder) / "sandbox-zygote"
            shutil.copy(support.ZYGOTE, zygote)
            os.chmod(folder, 0o755)
            with Daemon(settings=OFTEN, environment={"SANDBOX_ZYGOTE_PATH": str(zygote)}) as daemon:
                zygote.rename(zygote.with_suffix(".away"))

                def is_unhealthy():
                    for pid in daemon.descendants():
                        if support.process_title(pid).startswith("sandbox-zygote"):
                            try:
                                os.kill(pid, signal.SIGKILL)
                            except ProcessLookupError:
                                pass
                    return daemon.get("/v1/health").status == 503
                wait_until(is_unhealthy, "the failure")
                report = daemon.get("/v1/health").json
                self.assertEqual(("fail", "unhealthy"), (report["status"], report["health"]))
                self.assertEqual("fail", report["checks"]["engine:zygotes"][0]["status"])
                self.assertIn("output", report["checks"]["policy:default"][0])
                page = daemon.get("/metrics").body.decode()
                self.assertIn('sandbox_health_check{check="engine:zygotes"} 2\n', page)
                self.assertIn('sandbox_health_check{check="policy:default"} 1\n', page)
                zygote.with_suffix(".away").rename(zygote)
                wait_until(lambda: daemon.get("/v1/health").status == 200, "the recovery")


if __name__ == "__main__":
    unittest.main()
