# SPDX-License-Identifier: Apache-2.0
"""Every status of a run, with exactly the members that the API promises, from real plugins over HTTP."""

import errno
import hashlib
import json
import os
import pathlib
import re
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support

RESULT = {"id", "status", "success", "output", "error", "logs", "logs_truncated", "usage", "limits", "policy",
          "plugin", "code_sha256", "trace_id"}
USAGE = {"wall_ms", "cpu_ms", "memory_bytes", "rss_bytes", "instructions", "output_bytes", "log_bytes", "queue_ms"}
LIMITS = {"wall_ms": 30000, "cpu_ms": 10000, "memory_bytes": 256 << 20, "instructions": 0,
          "output_bytes": 1 << 20, "log_bytes": 64 << 10}
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HEX64, HEX32 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")

SMALL = {"extends": "default", "limits": {"cpu_ms": 120, "wall_ms": "20s", "memory_bytes": "8MiB",
                                          "output_bytes": 1000, "instructions": 5000000}}
HASTY = {"extends": "default", "limits": {"wall_ms": 200}}


class Runs(support.DaemonTest):
    daemon_options = {"policies": {"small": SMALL, "hasty": HASTY}}

    def check_members(self, result, code):
        self.assertEqual(RESULT, set(result) - {"audit"})
        self.assertRegex(result["id"], UUID7)
        self.assertIs(result["success"], result["status"] == "ok")
        self.assertEqual(USAGE, set(result["usage"]))
        self.assertEqual(list(LIMITS), list(result["limits"]))
        self.assertEqual({"name", "version"}, set(result["policy"]))
        self.assertRegex(result["policy"]["version"], re.compile("sha256:" + HEX64.pattern))
        self.assertIsNone(result["plugin"])
        self.assertEqual(hashlib.sha256(code.encode()).hexdigest(), result["code_sha256"])
        self.assertRegex(result["trace_id"], HEX32)
        self.assertIsInstance(result["logs_truncated"], bool)
        for line in result["logs"]:
            self.assertEqual({"level", "message", "at_ms"}, set(line))
        for figure, value in result["usage"].items():
            if figure != "instructions" or value is not None:
                self.assertGreaterEqual(value, 0, figure)
        if result["status"] != "ok":
            self.assertIsNone(result["output"])

    def run_checked(self, code, *arguments, **envelope):
        result = self.daemon.run(code, *arguments, **envelope)
        self.check_members(result, code)
        return result

    def check_failure(self, result, status, owner="plugin", extra=()):
        self.assert_status(result, status)
        error = result["error"]
        self.assertEqual((status, owner), (error["type"], error["owner"]))
        self.assertTrue(error["message"])
        self.assertLessEqual(set(error), {"type", "owner", "message", "where", "traceback", *extra})
        return error

    def check_limit(self, result, status, name, value, set_by, line, function=None):
        error = self.check_failure(result, status, extra={"limit"})
        limit = error["limit"]
        self.assertEqual({"name", "value", "observed", "set_by"}, set(limit))
        self.assertEqual((name, value, set_by), (limit["name"], limit["value"], limit["set_by"]))
        self.assertEqual(value, result["limits"][name])
        self.assertGreaterEqual(limit["observed"], value)
        if support.was_starved(result):
            return error
        self.assertEqual(("main.lua", line), (error["where"]["source"], error["where"]["line"]), error)
        if function:
            self.assertEqual(function, error["where"]["function"])
        self.assertIn(error["where"], error["traceback"])
        return error

    def test_ok(self):
        result = self.run_checked("print('hello') return context.a + context.b", {"a": 2, "b": 3})
        self.assertEqual(("ok", 5, None), (result["status"], result["output"], result["error"]))
        self.assertEqual([("info", "hello")], [(line["level"], line["message"]) for line in result["logs"]])
        self.assertEqual(LIMITS, result["limits"])
        self.assertEqual((1, 5), (result["usage"]["output_bytes"], result["usage"]["log_bytes"]))
        self.assertIsNone(result["usage"]["instructions"])
        self.assertGreater(result["usage"]["rss_bytes"], 0)
        self.assertEqual("default", result["policy"]["name"])

    def test_output_by_each_of_the_documented_ways(self):
        for code, context, output in (
                ("return context", None, None), ("return 1, 2", None, 1), ("result = {a = 1}", None, {"a": 1}),
                ("return function(c) return c.x end", {"x": "y"}, "y"), ("local x = 1", None, None),
                ("result = 1 return 2", None, 2), ("return context", [], []), ("return context", {}, {}),
                ("return context", [[], {}, None, 1, 1.5, "é"], [[], {}, None, 1, 1.5, "é"]),
                ("return context == nil", None, True), ("return json.array()", None, []),
                ("return {a = json.null}", None, {"a": None})):
            with self.subTest(code=code):
                result = self.run_checked(code, context)
                self.assertEqual(("ok", output), (result["status"], result["output"]))

    def test_plugin_error(self):
        result = self.run_checked("local function fail()\n  error('no stock')\nend\nfail()")
        error = self.check_failure(result, "plugin_error")
        self.assertEqual("main.lua:2: no stock", error["message"])
        self.assertEqual({"source": "main.lua", "line": 2, "function": "fail"}, error["where"])
        self.assertIn(4, [frame.get("line") for frame in error["traceback"]])

    def test_plugin_error_with_a_table(self):
        result = self.run_checked("error({code = 42, items = {1, 2}})")
        error = self.check_failure(result, "plugin_error", extra={"value"})
        self.assertEqual({"code": 42, "items": [1, 2]}, error["value"])

    def test_plugin_error_with_a_table_that_has_no_json_form(self):
        error = self.check_failure(self.run_checked("error({f = print})"), "plugin_error")
        self.assertNotIn("value", error)

    def test_syntax_error(self):
        error = self.check_failure(self.run_checked("local x = 1\nlocal y = = 2"), "syntax_error")
        self.assertEqual(2, error["where"]["line"])
        self.assertIn("main.lua:2:", error["message"])
        self.check_failure(self.run_checked("\x1bLuaT\x00"), "syntax_error")

    def test_invalid_result_names_the_path(self):
        for code, path in (
                ("return {items = {{name = 'a'}, {name = 'b'}, {name = print}}}", "$.items[3].name"),
                ("return 0/0", "$"), ("return {a = {b = 1e999}}", "$.a.b"), ("local t = {} t.t = t return t", "$.t"),
                ("return {x = '\\xff'}", "$.x"), ("return {[1] = 1, [5] = 2}", "$"),
                ("return {['a b'] = print}", "a b")):
            with self.subTest(code=code):
                error = self.check_failure(self.run_checked(code), "invalid_result")
                self.assertIn(path, error["message"])

    def test_invalid_result_too_deep(self):
        code = "local t = 1 for _ = 1, {depth} do t = {{t}} end return t"
        self.assert_status(self.run_checked(code.format(depth=64)), "ok")
        self.check_failure(self.run_checked(code.format(depth=65)), "invalid_result")

    def test_cpu_limit(self):
        code = "local function spin()\n  while true do end\nend\nprint('begin')\nspin()"
        result = self.run_checked(code, limits={"cpu_ms": 100})
        error = self.check_limit(result, "cpu_limit", "cpu_ms", 100, "request", 2, "spin")
        self.assertEqual("CPU limit of 100 ms reached", error["message"])
        self.assertIn({"source": "main.lua", "line": 5, "function": "main chunk"}, error["traceback"])
        self.assertEqual(["begin"], [line["message"] for line in result["logs"]])
        self.assertGreaterEqual(result["usage"]["cpu_ms"], 100)

    def test_cpu_limit_as_a_text_with_a_unit(self):
        result = self.run_checked("while true do end", limits={"cpu_ms": "100ms"})
        self.check_limit(result, "cpu_limit", "cpu_ms", 100, "request", 1)

    def test_cpu_limit_of_the_policy(self):
        result = self.run_checked("\n\n('a'):rep(5000):find(('a*'):rep(40) .. 'b')", policy="small")
        self.check_limit(result, "cpu_limit", "cpu_ms", 120, "policy", 3)
        self.assertEqual("small", result["policy"]["name"])

    def test_cpu_limit_inside_c_functions(self):
        for code in ("return 1 and\n('a'):rep(5000):find(('a*'):rep(40) .. 'b')",
                     "\ntable.move({}, 1, math.maxinteger - 1, 2)",
                     "\nlocal t = setmetatable({}, {}) getmetatable(t).__call = t t()",
                     "\nlocal t <close> = setmetatable({}, {__close = function() while true do end end}) return 1",
                     "\nreturn #(('('):rep(2000000):gsub('%b()', ''))"):
            with self.subTest(code=code):
                result = self.run_checked(code, limits={"cpu_ms": 100})
                if result["status"] == "plugin_error" and "__call" in code:
                    continue  # newer interpreters refuse such a chain
                self.check_limit(result, "cpu_limit", "cpu_ms", 100, "request", 2)

    def test_rep_of_nothing_ends_at_once(self):
        result = self.run_checked("return #string.rep('', math.maxinteger)", limits={"cpu_ms": 1000})
        self.assertEqual(("ok", 0), (result["status"], result["output"]))

    def test_cpu_limit_while_compiling(self):
        code = "local x = 0 if x == 1 then x = 2\n" + "elseif x == 1 then x = 2\n" * 9500 + "end while true do end"
        result = self.run_checked(code, limits={"cpu_ms": 2})
        error = self.check_failure(result, "cpu_limit", extra={"limit"})
        self.assertEqual(("cpu_ms", 2, "request"), tuple(error["limit"][key] for key in ("name", "value", "set_by")))

    def test_wall_limit(self):
        result = self.run_checked("local n = 0\nwhile true do\n  n = n + 1\nend",
                                  limits={"wall_ms": 150, "cpu_ms": 20000})
        line = result["error"].get("where", {}).get("line")
        self.assertTrue(line in (2, 3) or support.was_starved(result), result)
        self.check_limit(result, "wall_limit", "wall_ms", 150, "request", line)

    def test_wall_limit_of_the_policy_in_c(self):
        result = self.run_checked("\nreturn ('a'):rep(5000):find(('a*'):rep(40) .. 'b')", policy="hasty")
        self.check_limit(result, "wall_limit", "wall_ms", 200, "policy", 2)

    def test_memory_limit(self):
        result = self.run_checked("local t = {}\nfor i = 1, 1e9 do\n  t[i] = ('x'):rep(1000) .. i\nend",
                                  limits={"memory_bytes": "4MiB"})
        error = self.check_limit(result, "memory_limit", "memory_bytes", 4 << 20, "request", 3)
        self.assertIn("4 MiB", error["message"])

    def test_memory_limit_of_the_policy_in_one_string(self):
        result = self.run_checked("\n\nreturn #('x'):rep(1 << 30)", policy="small")
        self.check_limit(result, "memory_limit", "memory_bytes", 8 << 20, "policy", 3)

    def test_instruction_limit(self):
        result = self.run_checked("local function f()\n  while true do end\nend\ncoroutine.wrap(f)()",
                                  limits={"instructions": 50000})
        self.check_limit(result, "instruction_limit", "instructions", 50000, "request", 2)
        self.assertGreaterEqual(result["usage"]["instructions"], 50000)

    def test_instruction_limit_of_the_policy(self):
        result = self.run_checked("while true do end", policy="small", limits={"cpu_ms": 10000})
        self.check_limit(result, "instruction_limit", "instructions", 5000000, "policy", 1)

    def test_output_limit(self):
        result = self.run_checked("return ('x'):rep(2000)", policy="small")
        error = self.check_failure(result, "output_limit", extra={"limit"})
        self.assertEqual(("output_bytes", 1000, "policy"),
                         tuple(error["limit"][key] for key in ("name", "value", "set_by")))
        self.assert_status(self.run_checked("return ('x'):rep(998)", policy="small"), "ok")
        self.assert_status(self.run_checked("return ('x'):rep(999)", policy="small"), "output_limit")

    def test_limits_hold_against_every_way_to_swallow_them(self):
        for shape in ("pcall(function() while true do end end)",
                      "xpcall(function() while true do end end, function() return 1 end)",
                      "coroutine.resume(coroutine.create(function() while true do end end))",
                      "pcall(function() local x <close> = setmetatable({}, {__close = function() end}) while true do end end)",
                      "pcall(setmetatable, {}, {__gc = function() end}) ::again:: goto again"):
            for limits, status in (({"cpu_ms": 60}, "cpu_limit"), ({"instructions": 100000}, "instruction_limit"),
                                   ({"wall_ms": 100, "cpu_ms": 20000}, "wall_limit")):
                with self.subTest(shape=shape, limits=limits):
                    self.assert_status(self.run_checked(shape + "\nreturn 'ESCAPED'", limits=limits), status)

    def test_usage_counts_instructions_when_asked(self):
        code = "for _ = 1, 100000 do end"
        self.assertIsNone(self.run_checked(code)["usage"]["instructions"])
        counted = self.run_checked(code, options={"count": True})["usage"]["instructions"]
        # One instruction a turn at least; counted in steps, so a little may be missing at the end.
        self.assertGreaterEqual(counted, 99000)
        limited = self.run_checked(code, limits={"instructions": 10 ** 9})["usage"]["instructions"]
        self.assertGreaterEqual(limited, 99000)

    def test_usage_memory_is_the_peak(self):
        result = self.run_checked("local s = ('x'):rep(5000000) s = nil return 1")
        self.assertGreaterEqual(result["usage"]["memory_bytes"], 5000000)
        self.assertGreaterEqual(result["usage"]["rss_bytes"], 5000000)

    def test_seed_and_chunk_name(self):
        code = "return {math.random(1 << 30), math.random(1 << 30)}"
        first, second = (self.run_checked(code, options={"seed": 7})["output"] for _ in range(2))
        self.assertEqual(first, second)
        self.assertNotEqual(first, self.run_checked(code, options={"seed": 8})["output"])
        result = self.run_checked("error('x')", options={"chunk_name": "shop.lua"})
        self.assertEqual("shop.lua:1: x", result["error"]["message"])

    def test_log_levels_and_truncation(self):
        result = self.run_checked("log.debug('a') log.info('b', 1, nil, true) log.warn('c') log.error('d') print('e')")
        self.assertEqual([("debug", "a"), ("info", "b\t1\tnil\ttrue"), ("warn", "c"), ("error", "d"), ("info", "e")],
                         [(line["level"], line["message"]) for line in result["logs"]])
        times = [line["at_ms"] for line in result["logs"]]
        self.assertEqual(sorted(times), times)
        self.assertFalse(result["logs_truncated"])
        result = self.run_checked("for i = 1, 100000 do print('line ' .. i) end return 'done'")
        self.assertEqual(("done", True), (result["output"], result["logs_truncated"]))
        self.assertLessEqual(result["usage"]["log_bytes"], 64 << 10)
        self.assertEqual("line 1", result["logs"][0]["message"])

    def test_limits_of_a_request_are_bounded_by_the_ceiling(self):
        self.assertEqual(20000, self.run_checked("return 1", limits={"cpu_ms": "20s"})["limits"]["cpu_ms"])
        response = self.daemon.post("/v1/runs", {"code": "return 1", "limits": {"cpu_ms": 20001, "memory_bytes": "1TiB"}})
        self.assertEqual(422, response.status)
        self.assertEqual({"/limits/cpu_ms", "/limits/memory_bytes"}, {fault["pointer"] for fault in response.json["errors"]})

    def in_flight(self, request_id):
        runs = self.daemon.get("/v1/stats").json["runs"]["in_flight"]
        return next((run["id"] for run in runs if run.get("request_id") == request_id), None)

    def test_cancelled_by_request(self):
        answers = []
        def run():
            with self.daemon.new_connection() as connection:
                answers.append(connection.request("POST", "/v1/runs", {"code": "print('here') while true do end"},
                                                  {"X-Request-Id": "cancel-me"}))
        thread = threading.Thread(target=run)
        thread.start()
        run_id = support.wait_until(lambda: self.in_flight("cancel-me"), "the run")
        response = self.daemon.request("DELETE", f"/v1/runs/{run_id}")
        self.assertEqual(202, response.status, response)
        thread.join(support.PATIENCE_S)
        result = answers[0].json
        self.check_failure(result, "cancelled", owner="caller")
        self.assertEqual("cancel-me", answers[0].headers["x-request-id"])
        again = self.daemon.request("DELETE", f"/v1/runs/{run_id}")
        self.assertIn(again.status, (404, 409), again)

    def test_cancelled_by_hanging_up(self):
        body = json.dumps({"code": "while true do end"}).encode()
        with self.daemon.raw_socket() as connection:
            connection.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: hang-up\r\n"
                               b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            support.wait_until(lambda: self.in_flight("hang-up"), "the run")
        record = self.daemon.wait_for_log(
            lambda r: r.get("msg") == "run" and r.get("request_id") == "hang-up", "the end of the run")
        self.assertEqual("cancelled", record["status"])

    def test_unix_time_and_trace_of_the_caller(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        response = self.daemon.post("/v1/runs", {"code": "return os.time() > 1700000000"},
                                    {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        self.assertEqual((True, trace), (response.json["output"], response.json["trace_id"]))


class BreachedRuns(support.DaemonTest):
    """The interpreter is assumed broken: os.clock runs native code in an otherwise real worker."""

    daemon_options = {"environment": {"SANDBOX_ZYGOTE_PATH": str(support.BREACHED_ZYGOTE)}}
    # x86-64: number, name, arguments.
    calls = ((257, "openat", "-100, '/etc/passwd', 0"), (2, "open", "'/etc/passwd', 0"), (41, "socket", "2, 1, 0"),
             (42, "connect", "0"), (56, "clone", "17"), (57, "fork", ""), (59, "execve", "'/bin/sh'"),
             (62, "kill", "1, 9"), (101, "ptrace", "0"), (165, "mount", ""), (272, "unshare", "0x10000000"),
             (317, "seccomp", "1"), (321, "bpf", ""), (323, "userfaultfd", ""), (425, "io_uring_setup", "8"),
             (9, "mmap", "0, 4096, 7, 34, -1, 0"), (39, "getpid", ""), (217, "getdents64", "0"), (435, "clone3", ""))

    @unittest.skipUnless(os.uname().machine == "x86_64", "host lacks: x86_64")  # the numbers are its own
    def test_syscall_denied_names_the_call_and_the_line(self):
        for number, name, arguments in self.calls:
            with self.subTest(call=name):
                result = self.daemon.run(f"print('before')\nos.clock('syscall', {number}{', ' if arguments else ''}{arguments})")
                self.assert_status(result, "syscall_denied")
                error = result["error"]
                self.assertEqual({"number": number, "name": name}, error["syscall"])
                self.assertEqual(f"the system call {name} is not allowed", error["message"])
                self.assertEqual(("plugin", 2), (error["owner"], error["where"]["line"]))
                self.assertEqual("before", result["logs"][0]["message"])
                line = self.daemon.wait_for_log(lambda r: r["msg"] == "a forbidden system call was stopped" and
                                                r["run_id"] == result["id"], "the call")
                self.assertEqual(("warn", name, 1, result["code_sha256"]),
                                 (line["level"], line["syscall"], line["count"], line["code_sha256"]))

    @unittest.skipUnless(os.uname().machine == "x86_64", "host lacks: x86_64")  # the numbers are its own
    def test_audit_refuses_counts_and_goes_on(self):
        result = self.daemon.run("local seen = {}\nfor i = 1, 3 do\n  seen[i] = {os.clock('syscall', 257, -100, '/etc/passwd', 0)}\nend\n"
                                 "os.clock('syscall', 39)\nreturn seen", policy="audit")
        self.assertEqual(("ok", [[-1, 1]] * 3), (result["status"], result["output"]))
        self.assertEqual({"syscalls": [{"number": 257, "name": "openat", "count": 3}, {"number": 39, "name": "getpid", "count": 1}]},
                         result["audit"])

    @unittest.skipUnless(os.uname().machine == "x86_64", "host lacks: x86_64")  # the numbers are its own
    def test_an_audit_tells_what_a_policy_could_allow_from_attempts_to_get_out(self):
        def counted():
            return {(kind, name): int(count) for kind, name, count in re.findall(
                r'^sandbox_(denied|audited)_syscalls_total\{syscall="(\w+)"\} (\d+)$',
                self.daemon.get("/metrics").body.decode(), re.MULTILINE)}

        before = counted()
        run = self.daemon.run("for _, call in ipairs({102, 272, 59, 4095}) do os.clock('syscall', call) end", policy="audit")
        self.assertEqual({key: count - before.get(key, 0) for key, count in counted().items() if count != before.get(key)},
                         {("audited", "getuid"): 1, ("denied", "unshare"): 1, ("denied", "execve"): 1, ("denied", "unknown"): 1})
        told = [record["syscall"] for record in self.daemon.records if record.get("run_id") == run["id"] and
                record["msg"] == "a forbidden system call was stopped"]
        self.assertEqual(sorted(told), ["execve", "unknown", "unshare"])

    def test_crashed(self):
        for code in ("os.clock('fault')", "os.clock('trap')", "os.clock('exit', 0)", "os.clock('exit', 1)",
                     "os.clock('bytes', 'no frame at all')", "os.clock('bytes', ('\\0'):rep(1000))",
                     "os.clock('bytes', ('\\xff'):rep(100000))"):
            with self.subTest(code=code):
                result = self.daemon.run("print('before')\n" + code + "\nreturn 'ESCAPED'")
                self.assert_status(result, "crashed")
                self.assertEqual("plugin", result["error"]["owner"])
                self.assertEqual("before", result["logs"][0]["message"])

    def test_limits_hold_although_the_worker_no_longer_keeps_them(self):
        # Its own timer is switched off: the engine's clock and the kernel are what is left.
        for limits, status in (({"cpu_ms": 100, "wall_ms": 30000}, "cpu_limit"), ({"wall_ms": 150, "cpu_ms": 20000}, "wall_limit")):
            with self.subTest(limits=limits):
                result = self.daemon.run("os.clock('syscall', 38, 0, ('\\0'):rep(32), 0)\nwhile true do end", limits=limits)
                self.assert_status(result, status)
                # The policy's maximum is 20 s, and rlimits know seconds only: its own 100 ms are kept by a timer of the kernel.
                self.assertLess(result["usage"]["cpu_ms"], 5000)

    @unittest.skipUnless(os.uname().machine == "x86_64", "host lacks: x86_64")  # the numbers are its own
    def test_memory_is_held_to_the_runs_own_limit_by_the_kernel(self):
        # The policy lets others have 256 MiB and more; this run's books are not asked.
        limits = {"memory_bytes": 8 << 20}
        code = ("local function grab(bytes) return (os.clock('syscall', 9, 0, bytes, 3, 0x22, -1, 0)) ~= -1 end\n"
                "local room = string.pack('<I8I8', 1 << 40, 1 << 40)\n"
                "return {grab(4 << 20), {os.clock('syscall', 160, 9, room)}, grab(100 << 20)}")
        result = self.daemon.run(code, limits=limits)
        self.assertEqual(("ok", [True, [-1, errno.EPERM], False]), (result["status"], result["output"]), result)
        result = self.daemon.run("local none = ('\\0'):rep(16) os.clock('syscall', 160, 0, none)", limits=limits)
        self.assertEqual(("syscall_denied", "setrlimit"), (result["status"], result["error"]["syscall"]["name"]))

    def test_the_next_run_is_none_the_wiser(self):
        self.daemon.run("os.clock('fault')")
        self.assertEqual("fine", self.daemon.run("return 'fine'")["output"])


if __name__ == "__main__":
    support.main()
