# SPDX-License-Identifier: Apache-2.0
"""Logs: what each line has, levels that change while the service runs, and what plugins log as a stream of its own."""

import json
import pathlib
import re
import signal
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import system_python

system_python.need("google.protobuf", "python3-protobuf")

import daemon
from collector import Collector
from daemon import SOURCE_DIR, wait_until


def reload(running):
    before = sum(record["msg"] == "policies reloaded" for record in running.records)
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: sum(record["msg"] == "policies reloaded" for record in running.records) > before, "the reload")


class LinesTest(daemon.DaemonTest):
    def line(self, message, request_id):
        return self.daemon.wait_for_log(
            lambda record: record["msg"] == message and record.get("request_id") == request_id, message)

    def test_a_run_has_a_line_and_its_request_another(self):
        result = self.daemon.post("/v1/runs", {"code": "error('oh')"}, {"X-Request-Id": "both"}).json
        request, run = self.line("request", "both"), self.line("run", "both")
        self.assertEqual((request["level"], request["module"], request["service"]), ("info", "http", "sandboxd"))
        self.assertEqual((request["method"], request["path"], request["status"]), ("POST", "/v1/runs", 200))
        self.assertEqual((run["level"], run["module"]), ("info", "run"))
        self.assertEqual((run["run_id"], run["status"], run["policy"]), (result["id"], "plugin_error", "default"))
        for name in ("trace_id", "span_id", "trace_flags", "version"):
            self.assertEqual(request[name], run[name])
        self.assertEqual(sum(record.get("request_id") == "both" for record in self.daemon.records), 2)

    def test_a_refusal_is_told_by_its_code(self):
        self.daemon.post("/v1/runs", {"code": 1}, {"X-Request-Id": "refused"})
        self.assertEqual(self.line("request", "refused")["problem"], "invalid_request")

    def test_probes_are_not_told(self):
        self.daemon.get("/livez", {"X-Request-Id": "probe"})
        self.daemon.get("/openapi.json", {"X-Request-Id": "after"})
        self.line("request", "after")
        self.assertFalse([record for record in self.daemon.records if record.get("request_id") == "probe"])


class LevelsTest(unittest.TestCase):
    def set(self, running, **log):
        config = json.loads(running.config_path.read_text(encoding="utf-8"))
        config["log"].update(log)
        running.config_path.write_text(json.dumps(config), encoding="utf-8")
        reload(running)

    def told(self, running, request_id):
        """The modules that told something of a request, which something else was told after."""
        running.post("/v1/runs", {"code": "return 1"}, {"X-Request-Id": request_id})
        with running.new_connection() as connection:
            connection.request("GET", "/nothing-" + request_id, None, {"X-Request-Id": "end"})
        return {record["module"] for record in running.records if record.get("request_id") == request_id}

    def test_levels_change_at_a_signal(self):
        with daemon.Daemon() as running:
            running.run("return 1")
            self.set(running, modules="run=warn")
            wait_until(lambda: self.told(running, "a") == {"http"}, "the request's line alone")
            self.set(running, modules="http=error,run=info")
            wait_until(lambda: self.told(running, "b") == {"run"}, "the run's line alone")
            self.set(running, modules="", level="info")
            wait_until(lambda: self.told(running, "c") == {"http", "run"}, "both lines")

    def test_a_fault_in_them_leaves_the_old_ones(self):
        with daemon.Daemon(settings={"log": {"level": "info", "format": "json", "modules": "run=warn"}}) as running:
            config = running.config_path.read_text(encoding="utf-8")
            running.config_path.write_text(config.replace("run=warn", "stroe=debug"), encoding="utf-8")
            running.process.send_signal(signal.SIGHUP)
            fault = running.wait_for_log(lambda record: record["msg"] == "configuration not reloaded", "the fault")
            self.assertIn("did you mean store?", fault["detail"])
            wait_until(lambda: self.told(running, "d") == {"http"}, "the old levels")

    def test_every_folder_is_a_module(self):
        folders = [path.name for path in (SOURCE_DIR / "sandboxd").iterdir() if path.is_dir()]
        with daemon.Daemon(settings={"log": {"level": "info", "format": "json",
                                             "modules": ",".join(f"{folder}=info" for folder in folders)}}):
            pass


class StalledReaderTest(unittest.TestCase):
    def test_a_log_that_nobody_reads_does_not_stop_the_service(self):
        running = daemon.Daemon(settings={"log": {"level": "trace", "format": "json"}})
        reads = threading.Event()
        reads.set()
        read_log = running._read_log

        class Lazy:  # standard error, read only while the test says so
            def __init__(self, stream):
                self.stream = stream

            def __iter__(self):
                for line in self.stream:
                    reads.wait(daemon.PATIENCE_S)
                    yield line

            def close(self):
                self.stream.close()

        def read_lazily():
            running.process.stderr = Lazy(running.process.stderr)
            read_log()

        running._read_log = read_lazily
        with running:
            reads.clear()
            try:
                wait_until(lambda: running.run("return 1")["output"] == 1 and
                           re.search(r"^sandbox_log_lines_lost_total [1-9]", running.get("/metrics").body.decode(),
                                     re.MULTILINE), "lines that are lost")
            finally:
                reads.set()
            wait_until(lambda: running.run("return 1") and any("lines_lost" in record for record in running.records),
                       "the line that tells of it")


class PluginStreamTest(unittest.TestCase):
    CODE = "log.info('one') log.warn('two: sbx_1_hunter2') log.error('password=hunter2') return 1"

    def test_lines_of_plugins_that_cannot_be_written_are_counted(self):
        running = daemon.Daemon()
        running._arguments += ["--log-plugin-file", "/dev/full"]
        with running:
            running.run("log.info('one') log.info('two')")
            daemon.wait_until(lambda: "sandbox_plugin_log_lines_lost_total 2\n" in running.get("/metrics").body.decode(),
                              "the lost lines")

    def test_what_plugins_log_is_a_stream_of_its_own(self):
        running = daemon.Daemon()
        stream = running.scratch / "plugins.log"
        running._arguments += ["--log-plugin-file", str(stream)]
        with running:
            response = running.post("/v1/runs", {"code": self.CODE}, {"X-Request-Id": "mine"})
            wait_until(lambda: stream.exists() and stream.read_bytes().count(b"\n") == 3, "three lines")
            records = [json.loads(line) for line in stream.read_text(encoding="utf-8").splitlines()]
            self.assertEqual([(record["level"], record["msg"]) for record in records],
                             [("info", "one"), ("warn", "two: [redacted]"), ("error", "password=[redacted]")])
            for record in records:
                self.assertEqual((record["source"], record["module"]), ("plugin", "plugin"))
                self.assertEqual((record["run_id"], record["request_id"], record["trace_id"], record["policy"]),
                                 (response.json["id"], "mine", response.json["trace_id"], "default"))
            self.assertNotIn('"source":"plugin"', running.log_text)
            moved = stream.rename(stream.with_suffix(".1"))
            reload(running)
            running.run("log.info('three')")
            wait_until(lambda: stream.exists() and b"three" in stream.read_bytes(), "a line in the new file")
            self.assertEqual(moved.read_bytes().count(b"\n"), 3)
            self.assertEqual(stream.stat().st_mode & 0o777, 0o600)

    def test_without_a_file_it_is_kept_nowhere(self):
        with daemon.Daemon() as running:
            running.run("log.info('hunter2')")
            running.get("/openapi.json")
        self.assertNotIn("hunter2", running.log_text)


if __name__ == "__main__":
    daemon.main()
