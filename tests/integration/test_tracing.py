# SPDX-License-Identifier: Apache-2.0
"""Traces: W3C context in and out, the spans of a run and of refusals, their export, and that a collector in any
state costs runs nothing."""

import json
import pathlib
import re
import secrets
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import system_python

system_python.need("google.protobuf", "python3-protobuf")

import daemon
from collector import Collector
from daemon import wait_until

STAGES = ["admission", "dispatch", "execute", "record"]


def new_traceparent(sampled=True):
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    return trace_id, span_id, f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"


def metric(running, name):
    """The value of a sample, "name{labels}" as it is exposed; 0 without it."""
    for line in running.get("/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return 0


class SpansTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        cls.running = daemon.Daemon(environment=cls.collector.environment(
            OTEL_SERVICE_NAME="plugins-here", OTEL_RESOURCE_ATTRIBUTES="deployment.environment=a%20test",
            OTEL_EXPORTER_OTLP_HEADERS="x-tenant=of%20mine", OTEL_EXPORTER_OTLP_COMPRESSION="gzip"))
        cls.running.start()
        cls.addClassCleanup(cls.running.stop)

    def spans_of(self, path, body, headers=None, expect=200):
        trace_id, span_id, traceparent = new_traceparent()
        response = self.running.post(path, body, {"traceparent": traceparent, **(headers or {})})
        self.assertEqual(response.status, expect, response)
        return response, span_id, self.collector.wait_for_trace(trace_id)

    def test_a_run_has_a_span_for_every_stage(self):
        response, parent, spans = self.spans_of("/v1/runs", {"code": "return 1"}, {"User-Agent": "tester/1"})
        server = spans["POST /v1/runs"]
        self.assertEqual(sorted(spans), sorted([server.name, *STAGES]))
        self.assertEqual((server.parent, server.kind, server.status), (parent, 2, 0))
        self.assertEqual(server.raw["flags"], 0x301)
        expected = {"http.request.method": "POST", "http.route": "/v1/runs", "url.path": "/v1/runs", "url.scheme": "http",
                    "http.response.status_code": 200, "client.address": "127.0.0.1", "user_agent.original": "tester/1",
                    "sandbox.request_id": response.headers["x-request-id"]}
        self.assertEqual({key: server.attributes[key] for key in expected}, expected)
        for stage in STAGES:
            self.assertEqual((spans[stage].parent, spans[stage].kind), (server.span_id, 1))
            self.assertLessEqual(server.start_ns, spans[stage].start_ns)
            self.assertLessEqual(spans[stage].start_ns, spans[stage].end_ns)
            self.assertLessEqual(spans[stage].end_ns, server.end_ns)
        self.assertEqual(len({span.span_id for span in spans.values()}), 5)
        self.assertLessEqual(abs(server.end_ns / 1e9 - time.time()), daemon.PATIENCE_S)
        execute, result = spans["execute"].attributes, response.json
        expected = {"faas.trigger": "http", "faas.coldstart": False, "faas.invocation_id": result["id"], "sandbox.status": "ok",
                    "sandbox.policy": "default", "sandbox.policy_version": result["policy"]["version"],
                    "sandbox.cpu_ms": result["usage"]["cpu_ms"], "sandbox.rss_bytes": result["usage"]["rss_bytes"],
                    "sandbox.code_sha256": result["code_sha256"]}
        self.assertEqual({key: execute[key] for key in expected}, expected)
        self.assertEqual(server.resource["service.name"], "plugins-here")
        self.assertEqual(server.resource["deployment.environment"], "a test")

    def test_one_trace_id_finds_everything_of_a_request(self):
        trace_id, _, traceparent = new_traceparent()
        response = self.running.post("/v1/runs", {"code": "return 1"}, {"traceparent": traceparent})
        run, request_id = response.json["id"], response.headers["x-request-id"]
        self.assertEqual(response.json["trace_id"], trace_id)
        self.assertEqual(response.headers["traceparent"].split("-")[1], trace_id)
        spans = self.collector.wait_for_trace(trace_id)
        self.assertEqual(spans["execute"].attributes["faas.invocation_id"], run)
        server = spans["POST /v1/runs"]
        for message in ("run", "request"):
            line = self.running.wait_for_log(lambda r: r["msg"] == message and r.get("trace_id") == trace_id, message)
            self.assertEqual((line["span_id"], line["request_id"]), (server.span_id, request_id))
        found = self.running.get(f"/v1/runs?trace_id={trace_id}").json["items"]
        self.assertEqual([(kept["id"], kept["trace_id"]) for kept in found], [(run, trace_id)])
        metrics = self.running.get("/metrics", {"Accept": "application/openmetrics-text"}).body.decode()
        for family in ("sandbox_run_duration_seconds", "sandbox_run_cpu_seconds",
                       "sandbox_http_request_duration_seconds"):
            exemplars = re.findall(family + r'_bucket\{[^}]*\} \d+ # \{trace_id="([0-9a-f]{32})"\} [0-9.e-]+ \d+\.\d{3}\n',
                                   metrics)
            self.assertIn(trace_id, exemplars, family)

    def test_what_is_sent_is_what_the_settings_say(self):
        self.spans_of("/v1/runs", {"code": "return 1"})
        sent = self.collector.requests[-1]
        self.assertEqual((sent[":path"], sent["Content-Encoding"], sent["x-tenant"]), ("/v1/traces", "gzip", "of mine"))
        self.assertTrue(sent["User-Agent"].startswith("OTel-OTLP-Exporter-"))

    def test_a_failed_run_is_an_error_of_its_execution_alone(self):
        _, _, spans = self.spans_of("/v1/runs", {"code": "while true do end", "limits": {"cpu_ms": 20}})
        self.assertEqual(spans["execute"].status, 2)
        self.assertEqual(spans["execute"].attributes["error.type"], "cpu_limit")
        self.assertEqual(spans["execute"].attributes["sandbox.limit"], "cpu_ms")
        self.assertEqual({spans[name].status for name in ("POST /v1/runs", "admission", "dispatch", "record")}, {0})

    def test_a_refused_run_ends_in_its_admission(self):
        for body, status, problem in (({"code": 1}, 422, "invalid_request"),
                                      ({"code": "", "policy": "absent"}, 422, "unknown_policy")):
            _, _, spans = self.spans_of("/v1/runs", body, expect=status)
            self.assertEqual(sorted(spans), ["POST /v1/runs", "admission"])
            self.assertEqual(spans["admission"].attributes, {"sandbox.problem": problem, "error.type": problem})
            self.assertEqual({span.status for span in spans.values()}, {0})  # the caller's fault, not the server's
        _, _, spans = self.spans_of("/v1/runs", {"code": ""}, {"Content-Type": "text/plain"}, 415)
        self.assertEqual(spans["admission"].attributes["error.type"], "unsupported_media_type")

    def test_other_requests_have_one_span_named_for_their_route(self):
        trace_id, _, traceparent = new_traceparent()
        self.running.get("/v1/policies/default?x=secret-in-a-query", {"traceparent": traceparent})
        spans = self.collector.wait_for_trace(trace_id)
        self.assertEqual(list(spans), ["GET /v1/policies/{name}"])
        self.assertEqual(spans["GET /v1/policies/{name}"].attributes["url.path"], "/v1/policies/default")
        self.assertNotIn("secret-in-a-query", json.dumps(spans["GET /v1/policies/{name}"].raw))
        trace_id, _, traceparent = new_traceparent()
        self.running.get("/nothing/here", {"traceparent": traceparent})
        self.assertEqual(list(self.collector.wait_for_trace(trace_id)), ["GET"])
        trace_id, _, traceparent = new_traceparent()
        self.running.request("BREW", "/v1/runs", None, {"traceparent": traceparent})
        span = self.collector.wait_for_trace(trace_id)["HTTP"]
        self.assertEqual((span.attributes["http.request.method"], span.attributes["http.request.method_original"]),
                         ("_OTHER", "BREW"))

    def test_probes_and_scrapes_are_not_traced(self):
        for path in ("/livez", "/readyz", "/v1/health", "/metrics"):
            response = self.running.get(path)
            self.assertTrue(response.headers["traceparent"].endswith("-00"), path)

    def test_the_context_goes_out_as_it_came(self):
        trace_id, span_id, traceparent = new_traceparent()
        response = self.running.post("/v1/runs", {"code": "return 1"},
                                     {"traceparent": traceparent, "tracestate": "a=1, b=two ,"})
        version, out_trace, out_span, flags = response.headers["traceparent"].split("-")
        self.assertEqual((version, out_trace, flags), ("00", trace_id, "01"))
        self.assertNotEqual(out_span, span_id)
        self.assertEqual(response.headers["tracestate"], "a=1,b=two")
        self.assertEqual(response.json["trace_id"], trace_id)
        spans = self.collector.wait_for_trace(trace_id)
        self.assertEqual({span.raw["traceState"] for span in spans.values()}, {"a=1,b=two"})

    def test_a_bad_context_starts_a_new_trace_and_loses_its_state(self):
        for bad in ("00-xyz", "ff-" + "1" * 32 + "-" + "2" * 16 + "-01", "00-" + "0" * 32 + "-" + "2" * 16 + "-01"):
            response = self.running.post("/v1/runs", {"code": "return 1"}, {"traceparent": bad, "tracestate": "a=1"})
            self.assertNotIn("tracestate", response.headers)
            server = self.collector.wait_for_trace(response.json["trace_id"])["POST /v1/runs"]
            self.assertEqual((server.parent, server.links), ("", []))
        _, _, traceparent = new_traceparent()
        response = self.running.post("/v1/runs", {"code": "return 1"}, {"traceparent": traceparent, "tracestate": "a"})
        self.assertNotIn("tracestate", response.headers)

    def test_the_parents_decision_is_followed(self):
        trace_id, _, traceparent = new_traceparent(sampled=False)
        response = self.running.post("/v1/runs", {"code": "return 1"}, {"traceparent": traceparent})
        self.assertTrue(response.headers["traceparent"].endswith("-00"))
        self.spans_of("/v1/runs", {"code": "return 2"})  # sent after it, and so it would be here
        self.assertEqual(self.collector.trace(trace_id), [])


class StrangersTest(unittest.TestCase):
    def test_only_who_has_a_key_decides_on_the_trace(self):
        with Collector() as collector, daemon.Daemon(settings={"auth": "on"}, environment=collector.environment(
                OTEL_TRACES_SAMPLER="parentbased_always_on")) as running:
            key = (running.state_dir / "admin.key").read_text(encoding="ascii").strip()
            trace_id, span_id, traceparent = new_traceparent()
            response = running.post("/v1/runs", {"code": "return 1"}, {
                "traceparent": traceparent, "tracestate": "a=1", "Authorization": f"Bearer {key}"})
            self.assertEqual(response.json["trace_id"], trace_id)
            self.assertEqual(collector.wait_for_trace(trace_id)["POST /v1/runs"].parent, span_id)
            trace_id, span_id, traceparent = new_traceparent(sampled=False)
            headers = {"traceparent": traceparent, "tracestate": "a=1", "Authorization": "Bearer sbx_no_such"}
            response = running.post("/v1/runs", {"code": "return 1"}, headers)
            self.assertEqual(response.status, 401)
            self.assertNotIn("tracestate", response.headers)
            server = collector.wait_for_trace(response.json["trace_id"])["POST /v1/runs"]
            self.assertNotEqual(server.trace_id, trace_id)
            self.assertEqual(server.parent, "")
            self.assertEqual([(link["traceId"], link["spanId"]) for link in server.links], [(trace_id, span_id)])
            self.assertNotIn("traceState", server.raw)
            self.assertNotIn(key, b"".join(collector.bodies).decode())


class SamplingTest(unittest.TestCase):
    def kept(self, runs, **environment):
        with Collector() as collector:
            with daemon.Daemon(environment=collector.environment(**environment)) as running:
                ids = [running.run("return 1")["trace_id"] for _ in range(runs)]
            return {span.trace_id for span in collector.spans}, set(ids)

    def test_a_ratio_keeps_the_traces_that_everybody_with_it_keeps(self):
        kept, ids = self.kept(40, OTEL_TRACES_SAMPLER="parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG="0.5")
        self.assertEqual(kept, {trace_id for trace_id in ids if int(trace_id[-14:], 16) >= 1 << 55})

    def test_none_and_all(self):
        self.assertEqual(self.kept(5, OTEL_TRACES_SAMPLER="always_off")[0], set())
        kept, ids = self.kept(5, OTEL_TRACES_SAMPLER="always_on")
        self.assertEqual(kept, ids)

    def test_what_is_wrong_in_the_environment_is_told_and_ignored(self):
        with Collector() as collector:
            environment = collector.environment(OTEL_TRACES_SAMPLER="sometimes", OTEL_BSP_MAX_QUEUE_SIZE="many",
                                                OTEL_TRACES_SAMPLER_ARG="", OTEL_EXPORTER_OTLP_TIMEOUT="-1")
            with daemon.Daemon(environment=environment) as running:
                names = {record["name"] for record in running.records
                         if record["msg"] == "environment variable not taken"}
                self.assertEqual(names, {"OTEL_TRACES_SAMPLER", "OTEL_BSP_MAX_QUEUE_SIZE",
                                         "OTEL_EXPORTER_OTLP_TIMEOUT"})
                collector.wait_for_trace(running.run("return 1")["trace_id"])

    def test_grpc_is_refused_in_clear_words(self):
        with Collector() as collector:
            with daemon.Daemon(environment=collector.environment(OTEL_EXPORTER_OTLP_PROTOCOL="grpc")) as running:
                self.assertIn("http/json", running.log_text)
                running.run("return 1")
            self.assertEqual(collector.requests, [])

    def test_switched_off(self):
        with Collector() as collector:
            with daemon.Daemon(environment=collector.environment(OTEL_SDK_DISABLED="true")) as running:
                running.run("return 1")
            self.assertEqual(collector.requests, [])


class TroubleTest(unittest.TestCase):
    """Whatever the collector does, runs are answered, losses are counted, and it recovers by itself."""

    dropped = staticmethod(lambda running, reason: metric(running, f'sandbox_otlp_spans_dropped_total{{reason="{reason}"}}'))

    def start(self, collector, settings=None, **environment):
        running = daemon.Daemon(settings=settings, environment=collector.environment(**{"OTEL_BSP_EXPORT_TIMEOUT": "300", **environment}))
        running.start()
        self.addCleanup(running.stop)
        return running

    def lose_some(self, running, reason):
        """Runs go on while spans are lost for `reason`."""
        before = self.dropped(running, reason)

        def lost():
            self.assertEqual(running.run("return 7")["output"], 7)
            return self.dropped(running, reason) > before

        wait_until(lost, f"spans dropped as {reason}")
        complaint = running.wait_for_log(lambda record: record["msg"] == "spans are lost", "the loss")
        return complaint["detail"]

    def recovers(self, running, collector):
        def arrived():
            trace_id = running.run("return 1")["trace_id"]
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline:
                if collector.trace(trace_id):
                    return True
                time.sleep(0.02)
            return False

        wait_until(arrived, "spans again")
        running.wait_for_log(lambda record: record["msg"] == "spans are exported again", "the recovery")
        self.assertIsNone(collector.fault)
        text = running.get("/metrics").body.decode()
        self.assertGreater(metric(running, "sandbox_otlp_spans_exported_total"), 0, text)

    def test_nobody_listens(self):
        with Collector() as collector:
            running = self.start(collector)
            collector.stop()
            self.lose_some(running, "failed")
            collector.start()
            self.recovers(running, collector)

    def test_it_answers_500(self):
        with Collector() as collector:
            running = self.start(collector)
            collector.status = 500
            self.assertIn("500", self.lose_some(running, "rejected"))
            collector.status = 200
            self.recovers(running, collector)

    def test_it_answers_garbage(self):
        with Collector() as collector:
            running = self.start(collector)
            collector.body = b"<html>It works!</html>"
            self.assertIn("not OTLP", self.lose_some(running, "rejected"))
            collector.raw = b"\x00\xff\x13garbage, and no HTTP\r\n\r\n"
            self.lose_some(running, "failed")
            collector.raw, collector.body = None, b"{}"
            self.recovers(running, collector)

    def test_it_is_slow(self):
        with Collector() as collector:
            running = self.start(collector, OTEL_EXPORTER_OTLP_TIMEOUT="200", OTEL_BSP_MAX_QUEUE_SIZE="20",
                                 OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10")
            collector.release.clear()
            self.lose_some(running, "failed")
            collector.release.set()
            self.recovers(running, collector)

    def test_a_batch_has_an_end_even_where_an_attempt_has_none(self):
        with Collector() as collector:
            running = self.start(collector, OTEL_EXPORTER_OTLP_TIMEOUT="600000")
            collector.release.clear()
            self.lose_some(running, "failed")
            collector.release.set()
            self.recovers(running, collector)

    def test_a_full_queue_drops(self):
        with Collector() as collector:
            running = self.start(collector, {"health_interval_ms": 100}, OTEL_BSP_MAX_QUEUE_SIZE="10",
                                 OTEL_EXPORTER_OTLP_TIMEOUT="60000", OTEL_BSP_EXPORT_TIMEOUT="60000")
            collector.release.clear()
            before = self.dropped(running, "queue_full")
            wait_until(lambda: running.run("return 7")["output"] == 7 and self.dropped(running, "queue_full") > before,
                       "a full queue")
            self.assertLessEqual(metric(running, "sandbox_otlp_queue_depth"), 10)
            check = lambda: running.get("/v1/health").json["checks"]["exporter:dropped"][0]
            wait_until(lambda: check()["status"] == "warn", "health to warn")
            self.assertIn("OTEL_BSP_MAX_QUEUE_SIZE", check()["output"])
            collector.release.set()
            self.assertIn("OTEL_BSP_MAX_QUEUE_SIZE",
                          running.wait_for_log(lambda r: r["msg"] == "spans are lost", "the loss")["detail"])
            collector.wait_for_trace(self.sent_when_there_is_room(running, collector))

    def sent_when_there_is_room(self, running, collector):
        wait_until(lambda: metric(running, "sandbox_otlp_queue_depth") == 0, "room")
        return running.run("return 1")["trace_id"]

    def test_part_of_a_batch_is_rejected(self):
        with Collector() as collector:
            running = self.start(collector)
            collector.body = b'{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'
            trace_id = running.run("return 1")["trace_id"]
            collector.wait_for_trace(trace_id)
            wait_until(lambda: self.dropped(running, "rejected") >= 2, "the rejected ones")
            self.assertIn("too old", running.wait_for_log(lambda r: r["msg"] == "spans are lost", "it")["detail"])
            self.assertEqual(len(collector.trace(trace_id)), 5)  # not sent again

    def test_tried_again_only_where_that_may_help(self):
        for status, again in ((429, True), (502, True), (503, True), (504, True), (400, False), (500, False)):
            with self.subTest(status), Collector() as collector:
                running = daemon.Daemon(environment=collector.environment(OTEL_BSP_EXPORT_TIMEOUT="60000"))
                with running:
                    collector.status, collector.headers = status, {"Retry-After": "1"}
                    trace_id = running.run("return 1")["trace_id"]
                    wait_until(lambda: collector.requests, "the first attempt")
                    if again:
                        collector.status = 200
                        collector.wait_for_trace(trace_id)
                    else:
                        wait_until(lambda: self.dropped(running, "rejected") == 5, "the loss")

    def test_a_retry_after_beyond_the_end_of_a_batch_holds_for_the_next(self):
        with Collector() as collector:
            running = self.start(collector)
            collector.status, collector.headers = 503, {"Retry-After": "2"}
            begun = time.monotonic()
            self.lose_some(running, "failed")
            self.assertEqual(running.run("return 7")["output"], 7)
            wait_until(lambda: len(collector.requests) > 1, "the next batch")
            self.assertGreaterEqual(time.monotonic() - begun, 2)
            collector.status = 200
            self.recovers(running, collector)

    def test_what_is_queued_goes_out_before_the_end(self):
        with Collector() as collector:
            with daemon.Daemon(environment=collector.environment(OTEL_BSP_SCHEDULE_DELAY="600000")) as running:
                trace_id = running.run("return 1")["trace_id"]
            self.assertEqual(len(collector.trace(trace_id)), 5)

    def test_a_collector_that_hangs_does_not_stop_the_stop(self):
        with Collector() as collector:
            running = daemon.Daemon(environment=collector.environment(OTEL_EXPORTER_OTLP_TIMEOUT="600000",
                                                                    OTEL_BSP_EXPORT_TIMEOUT="600000"))
            with running:
                collector.release.clear()
                running.run("return 1")
                wait_until(lambda: metric(running, "sandbox_otlp_queue_depth") == 0, "the attempt")
            collector.release.set()


if __name__ == "__main__":
    daemon.main()
