# SPDX-License-Identifier: Apache-2.0
"""Policies as an administrator handles them: shown with origins, checked, put, rolled back, audited, advised."""

import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until
from openapi import Document


class PolicyTest(unittest.TestCase):
    def setUp(self):
        self.daemon = daemon.Daemon().start()
        self.addCleanup(lambda: self.daemon.stop())
        self.document = Document(self.daemon.get("/openapi.json").json)

    def ask(self, method, path, body=None, headers=None, expect=200):
        response = self.daemon.request(method, path, body, headers)
        self.assertEqual(response.status, expect, response)
        self.document.check(method, path, response)
        return response

    def policy(self, name):
        return self.ask("GET", f"/v1/policies/{name}").json

    def put(self, name, document, expect=200, **headers):
        headers = {key.replace("_", "-"): value for key, value in headers.items()} or {"If-Match": "*"}
        return self.ask("PUT", f"/v1/policies/{name}", {"name": name, **document}, headers, expect)

    def test_a_policy_shows_where_each_value_came_from(self):
        audit = self.policy("audit")
        self.assertEqual(audit["extends"], ["default", "base"])
        self.assertEqual(audit["origins"]["/limits/wall_ms"], "base")
        self.assertEqual(audit["origins"]["/ceilings/cpu_ms"], "default")
        self.assertEqual(audit["origins"]["/seccomp/mode"], "audit")
        self.assertEqual(audit["origins"]["/lua/deny"], {"load": "base"})
        self.assertEqual(audit["document"]["limits"]["cpu_ms"], 10000)
        self.assertEqual(audit["source"]["kind"], "file")
        self.assertEqual(audit["source"]["document"]["extends"], "default")

    def test_a_change_needs_to_say_what_it_changes(self):
        tag = self.ask("GET", "/v1/policies/default").headers["etag"]
        self.ask("PUT", "/v1/policies/default", {"name": "default"}, expect=428)
        self.put("default", {"extends": "base"}, 412, If_Match='"sha256:00"')
        self.put("default", {"extends": "base"}, 412, If_Match=f"W/{tag}")
        self.put("default", {"extends": "base"}, 412, If_None_Match="*")
        self.put("absent", {"extends": "base"}, 412, If_Match="*")
        self.assertEqual(self.ask("GET", "/v1/policies/default").headers["etag"], tag)
        changed = self.put("default", {"extends": "base"}, 200, If_Match=f'"sha256:00", {tag}')
        self.assertNotEqual(changed.headers["etag"], tag)
        self.put("default", {"extends": "base"}, 412, If_Match=tag)

    def test_a_put_policy_is_live_at_once_and_so_are_those_that_extend_it(self):
        before = {name: self.policy(name)["version"] for name in ("default", "audit", "strict")}
        changed = self.put("default", {"extends": "base", "limits": {"cpu_ms": "5s"}}).json
        self.assertEqual([row["name"] for row in changed["changed"]], ["default", "audit"])
        self.assertEqual(changed["changed"][0]["before"], before["default"])
        self.assertIn("CPU time 10 s → 5 s", [c["words"] for c in changed["changed"][0]["changes"]])
        self.assertEqual(changed["source"]["kind"], "http")
        for name in ("default", "audit"):
            result = self.daemon.run("return 1", policy=name)
            self.assertEqual(result["limits"]["cpu_ms"], 5000)
            self.assertEqual(result["policy"]["version"], self.policy(name)["version"])
            self.assertNotEqual(result["policy"]["version"], before[name])
        self.assertEqual(self.policy("strict")["version"], before["strict"])

    def test_a_new_policy_is_made_and_used(self):
        made = self.put("gold", {"extends": "default", "limits": {"memory_bytes": "32MiB"}}, 201, If_None_Match="*")
        self.assertEqual(made.json["version"], self.daemon.run("return 1", policy="gold")["policy"]["version"])
        self.assertIn("gold", [row["name"] for row in self.ask("GET", "/v1/policies").json["items"]])

    def test_every_fault_is_told_with_its_pointer_and_nothing_changes(self):
        before = self.policy("default")["version"]
        problem = self.put("default", {"extends": "bass", "limits": {"cpu": 1, "wall_ms": "soon"},
                                       "seccomp": {"allow": ["execve", "getpidd"]}}, 422).json
        self.assertEqual(problem["code"], "invalid_policy")
        faults = {fault["pointer"]: fault for fault in problem["errors"]}
        self.assertEqual(set(faults), {"/extends", "/limits/cpu", "/limits/wall_ms", "/seccomp/allow/0",
                                       "/seccomp/allow/1"})
        self.assertIn('did you mean "base"?', faults["/extends"]["detail"])
        self.assertIn("can't be allowed by any policy", faults["/seccomp/allow/0"]["detail"])
        self.assertTrue(all(fault["line"] == 1 and fault["column"] > 1 for fault in problem["errors"]))
        # A check and the command line tell the same in the same form.
        document = json.dumps({"name": "default", "extends": "bass", "limits": {"cpu": 1, "wall_ms": "soon"},
                               "seccomp": {"allow": ["execve", "getpidd"]}})
        refused = self.ask("PUT", "/v1/policies/default", document.encode(), {"If-Match": "*"}, 422).json
        checked = self.ask("POST", "/v1/policies/check", document.encode()).json
        self.assertEqual(checked["errors"], refused["errors"])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "default.json")
            path.write_text(document, encoding="utf-8")
            told = subprocess.run([daemon.BUILD_DIR / "sandboxctl" / "sandboxctl", "policy", "check", path, "--json"],
                                  capture_output=True, text=True, timeout=daemon.PATIENCE_S, check=False).stdout
        self.assertEqual(json.loads(told)["errors"],
                         [{"file": str(path), **fault} for fault in refused["errors"]])
        self.put("default", {"name": "other", "extends": "base"}, 422)
        self.ask("PUT", "/v1/policies/default", b"{", {"If-Match": "*"}, 422)
        self.ask("PUT", "/v1/policies/Nope", {}, {"If-Match": "*"}, 422)
        # A change that breaks another policy is a fault of that one, and is refused as well.
        problem = self.put("base", {"extends": "audit"}, 422).json
        self.assertIn("extends itself", " ".join(fault["detail"] for fault in problem["errors"]))
        problem = self.put("base", {"extends": "strict", "limits": {"cpu_ms": 1}}, 422).json
        self.assertEqual({pathlib.PurePath(fault.get("file", "")).name for fault in problem["errors"]},
                         {"", "strict.json"})
        self.assertEqual(self.policy("default")["version"], before)

    def test_a_check_tells_the_difference_and_changes_nothing(self):
        for _ in range(5):
            self.daemon.run("return 1")
        self.daemon.run("local t = ('x'):rep(20 << 20) return #t")
        before = self.policy("default")["version"]
        document = {"name": "default", "extends": "base", "limits": {"memory_bytes": "16MiB", "wall_ms": "1min"}}
        checked = self.ask("POST", "/v1/policies/check", document).json
        self.assertTrue(checked["valid"])
        self.assertEqual([row["name"] for row in checked["changed"]], ["default", "audit"])
        changes = {change["pointer"]: change for change in checked["changed"][0]["changes"]}
        self.assertEqual(changes["/limits/memory_bytes"]["words"], "memory 256 MiB → 16 MiB")
        self.assertEqual(changes["/limits/memory_bytes"]["runs"],
                         {"looked_at": 6, "used_more": 1, "words": "1 of the last 6 runs used more"})
        self.assertEqual(changes["/limits/wall_ms"]["effect"], "looser")
        self.assertNotIn("runs", changes["/limits/wall_ms"])
        checked = self.ask("POST", "/v1/policies/check", {"name": "default", "limits": {"cpu": 1}}).json
        self.assertFalse(checked["valid"])
        self.assertIn("/limits/cpu", [error["pointer"] for error in checked["errors"]])
        checked = self.ask("POST", "/v1/policies/check", b"[").json
        self.assertEqual((checked["errors"][0]["line"], checked["errors"][0]["column"]), (1, 2))
        self.assertEqual(self.policy("default")["version"], before)

    def test_versions_are_kept_and_any_can_be_made_live_again(self):
        versions = [self.policy("default")["version"]]
        for seconds in (1, 2):
            versions.append(self.put("default", {"extends": "base", "limits": {"cpu_ms": f"{seconds}s"}}).json["version"])
        rows = self.ask("GET", "/v1/policies/default/versions").json["items"]
        self.assertEqual([row["version"] for row in rows], versions[::-1])
        self.assertEqual([row["live"] for row in rows], [True, False, False])
        self.assertEqual([row["reason"] for row in rows], ["put", "put", "start"])
        back = self.ask("POST", "/v1/policies/default/rollback", {}).json
        self.assertEqual(back["version"], versions[1])
        back = self.ask("POST", "/v1/policies/default/rollback", {"version": versions[0]})
        self.assertEqual(back.headers["etag"], f'"{versions[0]}"')
        self.assertEqual(self.daemon.run("return 1")["policy"]["version"], versions[0])
        self.ask("POST", "/v1/policies/default/rollback", {"version": "sha256:" + "0" * 64}, expect=404)
        self.ask("POST", "/v1/policies/absent/rollback", {}, expect=404)
        self.ask("POST", "/v1/policies/default/rollback", {"versoin": "x"}, expect=422)
        self.ask("POST", "/v1/policies/default/rollback", {"version": "1"}, expect=422)
        self.ask("POST", "/v1/policies/default/rollback", b"{", expect=400)
        self.ask("POST", "/v1/policies/default/rollback", {}, {"If-Match": '"old"'}, expect=412)
        page = self.ask("GET", "/v1/policies/default/versions?limit=2").json
        rest = self.ask("GET", f"/v1/policies/default/versions?limit=10&cursor={page['next_cursor']}").json
        self.assertEqual(len(page["items"]) + len(rest["items"]), 5)
        self.ask("GET", "/v1/policies/absent/versions", expect=404)

    def test_what_was_put_can_be_taken_away_and_brought_back(self):
        gold = self.put("gold", {"extends": "base"}, 201, If_None_Match="*").json["version"]
        self.put("child", {"extends": "gold"}, 201, If_None_Match="*")
        remove = lambda name, tag="*", expect=200: self.ask("DELETE", f"/v1/policies/{name}", None,
                                                            {"If-Match": tag} if tag else None, expect)
        self.assertEqual(remove("gold", None, 428).json["code"], "precondition_required")
        self.assertEqual(remove("gold", '"old"', 412).json["code"], "precondition_failed")
        remove("absent", expect=404)
        for name, reason in (("gold", 'policy "child" extends it'), ("default", "runs that name no policy"),
                             ("strict", "strict.json; remove that and reload")):
            problem = remove(name, expect=409).json
            self.assertEqual(problem["code"], "policy_in_use")
            self.assertIn(reason, problem["detail"])
        self.assertEqual(self.daemon.request("PUT", "/v1/plans/shiny", {"policies": ["default", "child"]}).status, 200)
        self.assertIn('the plan "shiny" names it', remove("child", expect=409).json["detail"])
        self.daemon.request("PUT", "/v1/plans/shiny", {"policies": ["default"]})
        # Put over a file it still is the file's.
        self.put("strict", {"extends": "base"})
        remove("strict", expect=409)
        self.daemon.run("return 1", policy="gold")
        remove("child")
        self.assertEqual([(row["name"], row["before"], row["after"]) for row in remove("gold", f'"{gold}"').json["changed"]],
                         [("gold", gold, None)])
        self.ask("GET", "/v1/policies/gold", expect=404)
        self.assertEqual(self.daemon.post("/v1/runs", {"code": "", "policy": "gold"}).status, 422)
        wait_until(lambda: not any("gold" in title for title in self.daemon.titles()), "the end of its zygote")
        runs = self.ask("GET", "/v1/stats").json["runs"]  # what was run under it still counts
        self.assertEqual((runs["total"], runs["by_status"]["ok"]), (1, 1))
        row = self.ask("GET", "/v1/audit?limit=1").json["items"][0]
        self.assertEqual((row["action"], row["target"], row["actor"], row["after"]),
                         ("policy.removed", "gold", "anonymous", None))
        self.restart()
        self.ask("GET", "/v1/policies/gold", expect=404)
        self.assertEqual([row["live"] for row in self.ask("GET", "/v1/policies/gold/versions").json["items"]], [False])
        self.assertEqual(self.ask("POST", "/v1/policies/gold/rollback", {}, expect=201).json["version"], gold)
        self.assertEqual(self.daemon.run("return 1", policy="gold")["policy"]["version"], gold)

    def test_a_rollback_restores_the_version_even_where_its_parent_changed(self):
        first = self.policy("audit")["version"]
        self.put("audit", {"extends": "default", "limits": {"cpu_ms": "1s"}})
        self.put("default", {"extends": "base", "limits": {"wall_ms": "9s"}})
        self.assertEqual(self.ask("POST", "/v1/policies/audit/rollback", {"version": first}).json["version"], first)
        self.assertEqual(self.daemon.run("return 1", policy="audit")["policy"]["version"], first)

    def test_every_change_is_in_the_audit_log(self):
        before = self.policy("default")["version"]
        put = self.put("default", {"extends": "base", "limits": {"cpu_ms": "5s"}})
        rows = self.ask("GET", "/v1/audit?limit=2").json["items"]
        own = next(row for row in rows if row["target"] == "default")
        self.assertEqual((own["action"], own["before"], own["after"]), ("policy.put", before, put.json["version"]))
        self.assertEqual(own["request_id"], put.headers["x-request-id"])
        self.assertEqual((own["actor"], own["remote"]), ("anonymous", "127.0.0.1"))
        self.assertIn("CPU time 10 s → 5 s", [change["words"] for change in own["detail"]["changes"]])
        child = next(row for row in rows if row["target"] == "audit")
        self.assertEqual(child["detail"]["because_of"], "default")
        only = self.ask("GET", "/v1/audit?target=strict").json["items"]
        self.assertEqual([row["action"] for row in only], ["policy.start"])
        self.ask("GET", "/v1/audit?cursor=x", expect=422)

    def test_what_was_put_survives_a_restart_until_its_file_changes(self):
        version = self.put("default", {"extends": "base", "limits": {"cpu_ms": "5s"}}).json["version"]
        gold = self.put("gold", {"extends": "base"}, 201, If_None_Match="*").json["version"]
        self.restart()
        self.assertEqual(self.policy("default")["version"], version)
        self.assertEqual(self.policy("gold")["version"], gold)
        self.assertEqual(self.daemon.run("return 1")["policy"]["version"], version)
        self.daemon.write_policy("default", {"extends": "base", "limits": {"cpu_ms": "6s"}})
        self.reload()
        self.assertEqual(self.policy("default")["document"]["limits"]["cpu_ms"], 6000)
        self.assertEqual(self.policy("default")["source"]["kind"], "file")
        self.assertEqual(self.policy("gold")["version"], gold)
        self.restart()
        self.assertEqual(self.policy("default")["document"]["limits"]["cpu_ms"], 6000)
        reasons = [row["reason"] for row in self.ask("GET", "/v1/policies/default/versions").json["items"]]
        self.assertEqual(reasons, ["file", "put", "start"])

    def restart(self):
        """Ends the service and starts it again on the same folders."""
        process = self.daemon.process
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(daemon.PATIENCE_S), 0)
        self.daemon.start_again()

    def reload(self, message="policies reloaded"):
        seen = len(self.daemon.records)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: any(record["msg"].startswith(message) for record in self.daemon.records[seen:]),
                   f"the log line {message!r}")

    def test_what_happened_to_files_while_it_was_stopped_is_in_the_audit_log(self):
        self.daemon.write_policy("gold", {"extends": "base"})
        self.reload()
        gold = self.policy("gold")["version"]
        seen = lambda: [(row["action"], row["before"], row["after"]) for row in
                        self.ask("GET", "/v1/audit?target=gold").json["items"]]
        self.assertEqual(seen(), [("policy.file", None, gold)])
        (self.daemon.policy_dir / "gold.json").unlink()
        self.restart()
        self.assertEqual(seen()[0], ("policy.removed", gold, None))
        self.restart()
        self.assertEqual(len(seen()), 2)
        self.daemon.write_policy("gold", {"extends": "base"})
        self.restart()
        self.assertEqual(seen()[0], ("policy.start", None, gold))

    def test_sighup_takes_good_files_over_and_leaves_bad_ones(self):
        before = self.policy("default")["version"]
        self.daemon.write_policy("default", {"extends": "base", "limits": {"cpu_ms": "7s"}})
        self.daemon.write_policy("gold", {"extends": "bass"})
        self.reload("policies not reloaded")
        self.assertEqual(self.policy("default")["version"], before)
        fault = next(record for record in self.daemon.records if record["msg"] == "fault in a policy")
        self.assertTrue(fault["file"].endswith("/gold.json"))
        self.assertEqual((fault["line"], fault["pointer"]), (3, "/extends"))
        check = lambda: self.daemon.get("/v1/health").json["checks"]["policies:reload"][0]
        found = wait_until(lambda: (seen := check())["status"] == "warn" and seen, "health to warn")
        self.assertRegex(found["output"], r'/gold\.json:3:\d+: /extends: there is no policy "bass"')
        self.assertLess(found["failures"], 3)  # it is certain: no need to look three times
        self.daemon.write_policy("gold", {"extends": "base"})
        self.reload()
        self.assertEqual(self.policy("default")["document"]["limits"]["cpu_ms"], 7000)
        wait_until(lambda: check()["status"] == "pass", "health to be well again")
        (self.daemon.policy_dir / "gold.json").unlink()
        self.reload()
        self.ask("GET", "/v1/policies/gold", expect=404)
        self.assertEqual(self.daemon.post("/v1/runs", {"code": "", "policy": "gold"}).status, 422)
        metrics = self.daemon.get("/metrics").body.decode()
        self.assertRegex(metrics, r'sandbox_policy_reloads_total\{result="failed"\} 1\n')
        self.assertRegex(metrics, r'sandbox_policy_reloads_total\{result="ok"\} 3\n')

    def test_advice_comes_from_measured_runs(self):
        used = sorted(self.daemon.run(f"local t = ('x'):rep({size} << 20) return #t")["usage"]["memory_bytes"]
                      for size in range(1, 21))
        self.daemon.run("while true do end", limits={"cpu_ms": 30})
        advice = self.ask("GET", "/v1/policies/default/advice").json
        self.assertEqual((advice["policy"], advice["runs"]), ("default", 21))
        memory = next(row for row in advice["limits"] if row["limit"] == "memory_bytes")
        self.assertEqual((memory["p50"], memory["p99"], memory["maximum"]), (used[9], used[19], used[19]))
        self.assertGreaterEqual(memory["suggestion"], used[19] * 3 // 2)
        self.assertLess(memory["suggestion"], used[19] * 3)
        self.assertEqual(memory["would_fail"], 0)
        self.assertRegex(memory["words"], r"^256 MiB → \d+ MiB$")
        cpu = next(row for row in advice["limits"] if row["limit"] == "cpu_ms")
        self.assertLess(cpu["p50"], cpu["suggestion"])
        # The advice can be put as it is.
        document = {"extends": "base", "limits": advice["document"]["limits"]}
        self.assertEqual(self.ask("POST", "/v1/policies/check", {"name": "gold", **document}).json["errors"], [], advice)
        self.assertEqual(self.ask("GET", "/v1/policies/default/advice?limit=1").json["runs"], 1)
        self.assertEqual(self.ask("GET", "/v1/policies/strict/advice").json["limits"], [])
        self.ask("GET", "/v1/policies/absent/advice", expect=404)
        self.ask("GET", "/v1/policies/default/advice?limit=0", expect=422)

    def test_advice_is_also_for_each_plugin(self):
        for name, mebibytes in (("small", 1), ("large", 20)):
            self.assertEqual(self.daemon.request("PUT", f"/v1/plugins/acme/{name}/versions/1.0.0", {
                "manifest": {}, "modules": {"main": f"local t = ('x'):rep({mebibytes} << 20) return #t"}}).status, 201)
            for _ in range(3):
                ended = self.daemon.post("/v1/runs", {"plugin": f"acme/{name}"})
                self.assertEqual(ended.json["status"], "ok", ended)
        self.daemon.run("return 1")

        def suggested(rows):
            return {row["limit"]: row["suggestion"] for row in rows}["memory_bytes"]

        advice = self.ask("GET", "/v1/policies/default/advice").json
        plugins = {row["plugin"]: row for row in advice["plugins"]}
        self.assertEqual({name: row["runs"] for name, row in plugins.items()}, {"acme/small": 3, "acme/large": 3})
        self.assertLess(suggested(plugins["acme/small"]["limits"]), 10 << 20)
        self.assertGreater(suggested(plugins["acme/large"]["limits"]), 20 << 20)
        self.assertEqual((advice["runs"], suggested(advice["limits"])), (7, suggested(plugins["acme/large"]["limits"])))
        one = self.ask("GET", "/v1/policies/default/advice?plugin=acme%2Fsmall").json
        self.assertEqual((one["plugin"], one["runs"], one["limits"]),
                         ("acme/small", 3, plugins["acme/small"]["limits"]))

    def test_a_request_is_bounded_by_the_policy_and_told_who_set_what(self):
        self.put("default", {"extends": "base", "limits": {"cpu_ms": "50ms"}, "ceilings": {"cpu_ms": "100ms"}})
        spin = "while true do end"
        self.assertEqual(self.daemon.run(spin)["error"]["limit"]["set_by"], "policy")
        self.assertEqual(self.daemon.run(spin, limits={"cpu_ms": 100})["error"]["limit"]["set_by"], "request")
        problem = self.ask("POST", "/v1/runs", {"code": spin, "limits": {"cpu_ms": 101}}, expect=422).json
        self.assertEqual((problem["code"], problem["errors"][0]["pointer"]), ("limit_out_of_range", "/limits/cpu_ms"))

    def test_what_a_policy_denies_of_lua_is_not_there(self):
        self.put("default", {"extends": "base", "lua": {"deny": ["string.rep", "os"]}})
        self.assertEqual(self.daemon.run("return {string.rep == nil, os == nil or os.time == nil, string.format ~= nil}")
                         ["output"], [True, True, True])
        self.put("default", {"extends": "base", "lua": {"allow": ["load"]}})
        self.assertEqual(self.daemon.run("return load('return 1 + 1')()")["output"], 2)

    def counted(self, kind):
        """sandbox_{denied,audited}_syscalls_total by call."""
        page = self.daemon.get("/metrics").body.decode()
        return {name: int(count) for name, count in
                re.findall(rf'^sandbox_{kind}_syscalls_total\{{syscall="(\w+)"\}} (\d+)$', page, re.M)}

    def test_a_function_that_needs_another_call_is_found_by_an_audit_and_then_allowed(self):
        code = "local ok, got = pcall(random.bytes, 16)\nreturn {ok, ok and #got or got}"
        allowed = {"extends": "default", "lua": {"allow": ["random"]}}
        self.put("tokens", allowed, 201, If_None_Match="*")
        result = self.daemon.run(code, policy="tokens")
        self.assertEqual((result["status"], result["error"]["syscall"]["name"]), ("syscall_denied", "getrandom"))
        self.assertEqual((result["error"]["owner"], result["error"]["where"]["line"]), ("plugin", 1))
        self.assertEqual((self.counted("denied"), self.counted("audited")), ({"getrandom": 1}, {}))
        self.put("tokens", {**allowed, "seccomp": {"mode": "audit"}})
        result = self.daemon.run(f"for i = 1, 4 do pcall(random.bytes, i) end {code}", policy="tokens")
        # Nothing was executed: there are no bytes.
        self.assertEqual(result["output"], [False, "the policy does not allow the system call getrandom"])
        call = result["audit"]["syscalls"]
        self.assertEqual([(row["name"], row["count"]) for row in call], [("getrandom", 5)])
        self.assertEqual((self.counted("denied"), self.counted("audited")), ({"getrandom": 1}, {"getrandom": 5}))
        self.put("tokens", {**allowed, "seccomp": {"allow": ["getrandom"]}})
        result = self.daemon.run(code, policy="tokens")
        self.assertEqual(result["output"], [True, 16])
        self.assertNotIn("audit", result)
        self.assertEqual((self.counted("denied"), self.counted("audited")), ({"getrandom": 1}, {"getrandom": 5}))
        problem = self.put("tokens", {**allowed, "extends": "strict"}, 422).json
        self.assertEqual([fault["pointer"] for fault in problem["errors"]], ["/lua/allow"])

    def test_health_tells_of_the_store(self):
        checks = self.daemon.get("/v1/health").json["checks"]
        self.assertEqual(checks["store:history_dropped"][0]["status"], "pass")


if __name__ == "__main__":
    daemon.main()
