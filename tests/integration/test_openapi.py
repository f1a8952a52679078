# SPDX-License-Identifier: Apache-2.0
"""Every route of the service and every answer it gives, held to docs/openapi.yaml."""

import json
import pathlib
import re
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until
from openapi import Document

UNKNOWN_RUN = "0193d2a4-0000-7000-8000-000000000000"
ROUTES_SOURCE = daemon.SOURCE_DIR / "sandboxd" / "api" / "routes.c"
PROBLEMS_SOURCE = daemon.SOURCE_DIR / "sandboxd" / "http" / "problem.c"


class OpenApiTest(daemon.DaemonTest):
    daemon_options = {"settings": {"http": {"idle_timeout_ms": 2000, "max_body_bytes": 3000000}}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = Document(cls.daemon.get("/openapi.json").json)
        cls.seen = set()  # (method, path in the document, status)

    def ask(self, method, path, body=None, headers=None, expect=None):
        response = self.daemon.request(method, path, body, headers)
        self.document.check(method, path, response)
        if expect is not None:
            self.assertEqual(response.status, expect, response)
        if response.headers["content-type"] == "application/problem+json":
            problem = response.json
            self.assertEqual(problem["status"], response.status)
            self.assertEqual(problem["request_id"], response.headers["x-request-id"])
            self.assertIn(problem["trace_id"], response.headers["traceparent"])
        return response

    def run_plugin(self, code, **envelope):
        return self.ask("POST", "/v1/runs", {"code": code, **envelope}, expect=200).json

    def test_every_route_of_the_code_is_in_the_document_and_the_other_way_round(self):
        source = ROUTES_SOURCE.read_text(encoding="utf-8")
        in_code = set(re.findall(r'\{METHOD_([A-Z]+), "([^"]+)"', source))
        in_document = {(method, path) for method, path, _ in self.document.operations()}
        self.assertEqual(in_code, in_document)

    def test_every_problem_code_is_in_the_document_and_the_other_way_round(self):
        source = PROBLEMS_SOURCE.read_text(encoding="utf-8")
        in_code = set(re.findall(r'\[PROBLEM_\w+\] = \{"(\w+)"', source))
        self.assertEqual(in_code, set(self.document.document["components"]["schemas"]["ProblemCode"]["enum"]))
        guide = (daemon.SOURCE_DIR / "docs" / "problems.md").read_text(encoding="utf-8")
        self.assertEqual(in_code, set(re.findall(r"^\| `(\w+)` \| \d+ \|", guide, re.M)))

    def test_the_document_names_this_version_and_every_operation(self):
        self.assertNotEqual(self.document.document["info"]["version"], "0")
        ids = [operation["operationId"] for _, _, operation in self.document.operations()]
        self.assertEqual(len(ids), len(set(ids)))
        for _, path, operation in self.document.operations():
            self.assertTrue(operation["summary"], path)
            for status, response in operation["responses"].items():
                content = self.document.resolve(response).get("content", {})
                if status[0] in "45" and path not in ("/readyz", "/v1/health"):
                    self.assertEqual(list(content), ["application/problem+json"], path)

    def test_runs_of_every_shape(self):
        context = {"a": [1, 2.5, None, True, "ä\u0000"], "b": {}}
        self.assertEqual(self.run_plugin("return context", context=context)["output"], context)
        self.run_plugin("log.info('x') log.error('y') print(1, 2)", options={"count": True, "seed": 5})
        self.run_plugin("error({code = 42})")
        self.run_plugin("local function f() error('deep') end f()", options={"chunk_name": "other.lua"})
        self.run_plugin("x =")
        self.run_plugin("return function() end")
        self.run_plugin("while true do end", limits={"cpu_ms": 20})
        self.run_plugin("while true do end", limits={"wall_ms": "20ms"})
        self.run_plugin("while true do end", limits={"instructions": 10000})
        self.run_plugin("local t = {} while true do t[#t + 1] = ('x'):rep(1000) end", limits={"memory_bytes": "2MiB"})
        self.run_plugin("return ('x'):rep(2000000)")
        self.run_plugin("return 1", policy="strict")

    def test_a_run_is_cancelled_by_its_id_and_then_has_ended(self):
        results = []
        thread = threading.Thread(target=lambda: results.append(self.daemon.new_connection().request(
            "POST", "/v1/runs", {"code": "while true do end"}, {"X-Request-Id": "to-be-cancelled"})))
        thread.start()
        find = lambda: next((run for run in self.ask("GET", "/v1/stats").json["runs"]["in_flight"]
                             if run["request_id"] == "to-be-cancelled"), None)
        run = wait_until(find, "the run")
        self.ask("DELETE", f"/v1/runs/{run['id']}", expect=202)
        thread.join()
        self.document.check("POST", "/v1/runs", results[0])
        self.assertEqual(results[0].json["status"], "cancelled")
        self.assertEqual(results[0].json["id"], run["id"])
        self.assertEqual(results[0].json["error"]["owner"], "caller")
        self.ask("DELETE", f"/v1/runs/{run['id']}", expect=409)
        self.ask("DELETE", f"/v1/runs/{UNKNOWN_RUN}", expect=404)
        self.ask("DELETE", "/v1/runs/nonsense", expect=404)
        self.ask("DELETE", "/v1/runs/%zz", expect=400)

    def test_a_profile_is_as_described(self):
        code = "local t = {} for i = 1, 400000 do t[i % 10] = {i} end return #t"
        result = self.ask("POST", "/v1/runs", {"code": code, "options": {"profile": True}}).json
        self.assertEqual(result["output"], 9)
        profile = result["profile"]
        self.assertEqual(profile["stacks"][0]["stack"], "main chunk main.lua")
        self.assertEqual((profile["lines"][0]["source"], profile["lines"][0]["line"]), ("main.lua", 1))
        self.assertGreater(profile["allocated_bytes"], 400000 * 50)
        self.assertLess(profile["cpu_ms"], result["usage"]["cpu_ms"])
        self.assertNotIn("profile", self.ask("POST", "/v1/runs", {"code": code}).json)

    def test_refusals_point_at_what_is_wrong(self):
        cases = [
            ({"code": "return 1", "cod": 1}, "invalid_request", ["/cod"]),
            ({}, "invalid_request", ["/code"]),
            ([], "invalid_request", [""]),
            ({"code": 1, "policy": None, "limits": [], "options": {"seed": -1, "x": 1}}, "invalid_request",
             ["/code", "/policy", "/limits", "/options/seed", "/options/x"]),
            ({"code": "", "limits": {"cpu_ms": "1 fortnight", "cpu": 1}}, "invalid_request",
             ["/limits/cpu_ms", "/limits/cpu"]),
            ({"code": "", "limits": {"cpu_ms": "10h", "wall_ms": 0}}, "limit_out_of_range",
             ["/limits/wall_ms", "/limits/cpu_ms"]),
            ({"code": "", "policy": "absent"}, "unknown_policy", ["/policy"]),
            ({"code": "", "options": {"profile": "yes"}}, "invalid_request", ["/options/profile"]),
            ({"code": "", "context": json.loads("[" * 65 + "]" * 65)}, "invalid_request", ["/context"]),
        ]
        for body, code, pointers in cases:
            with self.subTest(code=code, pointers=pointers):
                problem = self.ask("POST", "/v1/runs", body, expect=422).json
                self.assertEqual(problem["code"], code)
                self.assertEqual(sorted(error["pointer"] for error in problem["errors"]), sorted(pointers))

    def test_sizes_are_refused_by_name(self):
        cases = [({"code": "-" * 300000}, "code_too_large"),
                 ({"code": "", "context": "x" * 1100000}, "context_too_large"),
                 ({"code": "", "context": "x" * 3100000}, "body_too_large")]
        for body, code in cases:
            response = self.daemon.new_connection().request("POST", "/v1/runs", body)
            self.document.check("POST", "/v1/runs", response)
            self.assertEqual((response.status, response.json["code"]), (413, code))

    def test_what_is_no_json_is_refused_with_its_place(self):
        for body in (b"", b"{", b"{\"code\":}", b"[1,]", b"\xff", b'{"code":"' + b"\xc3" + b'"}', b"nul",
                     b'{"code":"return 1","context":' + b"[" * 100000):
            problem = self.ask("POST", "/v1/runs", body, expect=400).json
            self.assertEqual(problem["code"], "invalid_json")
            self.assertRegex(problem["detail"], r"^line \d+, column \d+: ")
        problem = self.ask("POST", "/v1/runs", b'{"code":"a","code":"b"}', expect=422).json
        self.assertEqual(problem["errors"][0]["pointer"], "/code")

    def test_bodies_must_be_json_by_their_type(self):
        self.ask("POST", "/v1/runs", b"{}", {"Content-Type": "text/plain"}, expect=415)
        self.ask("POST", "/v1/validate", b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, expect=415)
        self.ask("POST", "/v1/validate", b"{\"code\":\"\"}", {"Content-Type": "application/json; charset=utf-8"},
                 expect=200)

    def test_validation(self):
        found = self.ask("POST", "/v1/validate", {"code": "x = 1\ny = = 2"}, expect=200).json
        self.assertFalse(found["valid"])
        self.assertEqual(found["diagnostics"][0]["line"], 2)
        self.assertTrue(self.ask("POST", "/v1/validate", {"code": "return 1"}, expect=200).json["valid"])
        found = self.ask("POST", "/v1/validate", {"modules": {"main": "return 1", "util": "for"}}, expect=200).json
        self.assertEqual([(item["source"], item["code"]) for item in found["diagnostics"]], [("util", "syntax")])
        for body in ({}, {"code": 1}, {"modules": []}, {"modules": {}}, {"modules": {"": "x"}}, {"x": 1},
                     {"code": "", "modules": {"main": ""}}, {"code": "", "policy": "absent"}):
            self.ask("POST", "/v1/validate", body, expect=422)
        self.ask("POST", "/v1/validate", b"{", expect=400)
        found = self.ask("POST", "/v1/validate", {"code": "-" * 300000}, expect=200).json
        self.assertEqual([(item["code"], "line" in item) for item in found["diagnostics"]], [("source_size", False)])
        self.ask("POST", "/v1/validate", {"code": "-" * 3100000}, expect=413)

    def test_policies(self):
        listed = self.ask("GET", "/v1/policies", expect=200).json["items"]
        self.assertIn("default", [policy["name"] for policy in listed])
        for policy in listed:
            response = self.ask("GET", f"/v1/policies/{policy['name']}", expect=200)
            self.assertEqual(response.json["version"], policy["version"])
            self.assertEqual(response.headers["etag"], f'"{policy["version"]}"')
        self.ask("GET", "/v1/policies/absent", expect=404)
        self.ask("GET", "/v1/policies/%00", expect=400)

    def test_probes_health_and_stats(self):
        self.run_plugin("return 1")
        self.ask("GET", "/livez", expect=200)
        self.ask("GET", "/readyz", expect=200)
        health = self.ask("GET", "/v1/health", expect=200).json
        self.assertIn(health["status"], ("pass", "warn"))
        layers = {layer["layer"]: layer for layer in health["isolation"]}
        for name in ("seccomp", "rlimits", "no_new_privs"):
            self.assertEqual(layers[name]["state"], "active")
        for layer in layers.values():
            self.assertEqual("reason" in layer, layer["state"] != "active")
        stats = self.ask("GET", "/v1/stats", expect=200).json
        self.assertGreaterEqual(stats["runs"]["by_status"]["ok"], 1)
        self.assertEqual(sum(stats["runs"]["by_status"].values()), stats["runs"]["total"])

    def test_metrics_in_both_formats(self):
        self.run_plugin("while true do end", limits={"cpu_ms": 10})
        plain = self.ask("GET", "/metrics", expect=200)
        self.assertEqual(plain.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        accept = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," \
                 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        openmetrics = self.ask("GET", "/metrics", headers={"Accept": accept}, expect=200)
        self.assertTrue(openmetrics.body.endswith(b"\n# EOF\n"))
        self.assertNotIn(b"\n\n", openmetrics.body)
        documented = (daemon.SOURCE_DIR / "docs" / "metrics.md").read_text(encoding="utf-8")
        shown = set(re.findall(r"^# TYPE (\S+) ", plain.body.decode(), re.M))
        for name in shown:
            self.assertIn(f"`{name}", documented, "docs/metrics.md tells of every metric")
        for name in re.findall(r"^\| `(\w+)", documented, re.M):
            self.assertIn(name, shown, "docs/metrics.md tells of no metric that is not there")
        samples = plain.body.decode()
        self.assertRegex(samples, r'sandbox_runs_total\{status="cpu_limit",policy="default"\} \d+')
        self.assertRegex(samples, r'sandbox_limit_overshoot_seconds_count\{limit="cpu_ms"\} \d+')
        self.assertRegex(samples, r'sandbox_build_info\{version="[0-9.]+",revision="([0-9a-f]{12}(-dirty)?|unknown)"\} 1')
        self.assertRegex(samples, r'sandbox_isolation_layer\{layer="seccomp",state="active"\} 1')
        self.assertNotRegex(samples, r'(tenant|plugin|run|request)(_id)?="')

    def test_request_and_trace_ids_come_back(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        response = self.ask("POST", "/v1/runs", {"code": "return 1"},
                            {"X-Request-Id": "abc-1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}, expect=200)
        self.assertEqual(response.headers["x-request-id"], "abc-1")
        self.assertEqual(response.json["trace_id"], trace)
        self.assertTrue(response.headers["traceparent"].startswith(f"00-{trace}-"))
        self.assertNotIn("00f067aa0ba902b7", response.headers["traceparent"])
        response = self.ask("GET", "/v1/stats", headers={"X-Request-Id": "a b", "traceparent": "00-0-0-0"})
        self.assertNotEqual(response.headers["x-request-id"], "a b")

    def test_unknown_routes_and_methods_are_problems(self):
        for method, path, status in (("GET", "/", 404), ("PUT", "/v1/runs", 405), ("POST", "/livez", 405),
                                     ("DELETE", "/v1/runs", 405), ("GET", "/v1/runs/", 404)):
            response = self.daemon.request(method, path)
            self.assertEqual(response.status, status, (method, path))
            self.assertEqual(response.headers["content-type"], "application/problem+json")
            self.document.check_value(response.json, {"$ref": "#/components/schemas/Problem"}, path)
            self.assertEqual("allow" in response.headers, status == 405)

    def test_without_keys_pages_of_other_hosts_are_refused(self):
        for origin in ("https://example.org", "null", "http://localhost.example.org", "http://127.0.0.1.example.org"):
            problem = self.ask("POST", "/v1/runs", {"code": "return 1"}, {"Origin": origin}, expect=403).json
            self.assertEqual(problem["code"], "origin_not_allowed")
        for origin in ("http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:1"):
            self.ask("POST", "/v1/runs", {"code": "return 1"}, {"Origin": origin}, expect=200)

    def test_without_keys_other_names_of_this_host_are_refused(self):
        for host in ("example.org", "127.0.0.1.example.org:80", "localhost.example.org", "128.0.0.1", "[::2]", "[::1", "",
                     "localhost:80@example.org"):
            problem = self.ask("POST", "/v1/runs", {"code": "return 1"}, {"Host": host}, expect=403).json
            self.assertEqual(problem["code"], "origin_not_allowed")
        for host in ("localhost", "LOCALHOST:3000", "127.0.0.1:8080", "127.1.2.3", "[::1]:1", "[::1]"):
            self.ask("POST", "/v1/runs", {"code": "return 1"}, {"Host": host}, expect=200)

    def test_head_is_get_without_the_body(self):
        response = self.daemon.request("HEAD", "/v1/stats")
        self.assertEqual((response.status, response.body), (200, b""))


if __name__ == "__main__":
    daemon.main()
