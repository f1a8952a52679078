# SPDX-License-Identifier: Apache-2.0
"""Malformed and hostile bodies: a clear answer or a closed connection, never a crash. What is malformed below
HTTP's messages (framing, trickling, truncated requests) is in test_http_framing.py."""

import json
import pathlib
import random
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support

GOOD = b'{"code":"return context","context":{"a":[1,2.5,"\\u00e9\\ud83d\\ude00",null,true]},"limits":{"cpu_ms":1000},"options":{"seed":1}}'


# Much output beside a small heap; and limits that no list of diagnostics would fit.
TALKATIVE = {"extends": "default", "limits": {"memory_bytes": "16MiB", "output_bytes": "64MiB", "cpu_ms": 20000, "wall_ms": 60000}}
TERSE = {"extends": "default", "limits": {"output_bytes": 8, "json_depth": 1}}


class Requests(support.DaemonTest):
    daemon_options = {"policies": {"talkative": TALKATIVE, "terse": TERSE}}

    def post(self, body, path="/v1/runs", headers=None):
        return self.daemon.post(path, body, headers)

    def check_problem(self, response, *statuses):
        self.assertIn(response.status, statuses, response)
        self.assertEqual("application/problem+json", response.headers["content-type"].split(";")[0])
        problem = response.json
        self.assertEqual(response.status, problem["status"])
        self.assertLessEqual({"type", "title", "detail", "status"}, set(problem))
        self.assertTrue(response.headers["x-request-id"])
        return problem

    def check_alive(self):
        self.assertEqual("alive", self.daemon.run("return 'alive'")["output"])

    def test_the_good_one_is_good(self):
        self.assertEqual({"a": [1, 2.5, "é😀", None, True]}, self.post(GOOD).json["output"])

    def test_cut_off_anywhere(self):
        for length in range(len(GOOD)):
            with self.subTest(length=length):
                self.check_problem(self.post(GOOD[:length]), 400)
        self.check_alive()

    def test_not_json(self):
        for body in (b"", b" ", b"null", b"[]", b"1", b'"code"', b"{", b"}", b"{]", b"[}", b"{,}", b'{"code"}', b'{"code":}', b'{"code":"x",}',
                     b"{'code':'x'}", b'{code:"x"}', b'{"code":"x"}x', b'{"code":"x"}{"code":"x"}', b'{"code":"x"} //', b"\xef\xbb\xbf" + GOOD,
                     b'{"code":"a\nb"}', b'{"code":"\x00"}', b'{"code":"\\x"}', b'{"code":"\\u12"}', b'{"code":"\\ud800"}', b'{"code":"\\udc00\\ud800"}',
                     b'{"code":"x","context":NaN}', b'{"code":"x","context":Infinity}', b'{"code":"x","context":01}', b'{"code":"x","context":.5}',
                     b'{"code":"x","context":1.}', b'{"code":"x","context":+1}', b'{"code":"x","context":0x10}', b'{"code":"x","context":tru}',
                     b'{"code":"x","context":nul}', b"--boundary", b"code=return+1", b"<xml/>"):
            with self.subTest(body=body):
                problem = self.check_problem(self.post(body), 400, 422)
                self.assertTrue(problem["detail"])

    def test_a_fault_in_json_tells_where(self):
        problem = self.check_problem(self.post(b'{\n  "code": "return 1",\n  "context": [1, 2, }\n}'), 400)
        text = json.dumps(problem)
        self.assertTrue("line 3" in text or '"line": 3' in text, text)

    def test_invalid_utf8(self):
        for bad in (b"\xff", b"\xc0\x80", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xfe\xfe"):
            for body in (b'{"code":"return \'' + bad + b'\'"}', b'{"code":"return 1","context":"' + bad + b'"}',
                         b'{"code":"return 1","context":{"' + bad + b'":1}}', b'{"code":"return 1","' + bad + b'":1}',
                         b'{"code":"return 1","policy":"' + bad + b'"}'):
                with self.subTest(body=body):
                    self.check_problem(self.post(body), 400)
        self.check_alive()

    def test_100000_brackets(self):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")):
            for body in (opening * 100000, opening * 100000 + b"1" + closing * 100000,
                         b'{"code":"return 1","context":' + opening * 100000 + b"1" + closing * 100000 + b"}",
                         b'{"code":' + opening * 100000 + b"1" + closing * 100000 + b"}",
                         b'{"limits":' + opening * 100000):
                self.check_problem(self.post(body), 400, 413, 422)
        self.check_alive()

    def test_depth_of_the_context_is_bounded_exactly(self):
        def post(depth):
            return self.post(b'{"code":"return 1","context":' + b"[" * depth + b"]" * depth + b"}")
        self.assertEqual(200, post(64).status)
        self.assertEqual("/context", self.check_problem(post(65), 422)["errors"][0]["pointer"])

    def test_duplicate_members(self):
        for body, pointer in ((b'{"code":"return 1","code":"return 2"}', "/code"),
                              (b'{"code":"return 1","c\\u006fde":"return 2"}', "/code"),
                              (b'{"code":"return 1","limits":{"cpu_ms":1,"cpu_ms":2}}', "/limits/cpu_ms"),
                              (b'{"code":"return 1","options":{"seed":1,"seed":2}}', "/options/seed")):
            with self.subTest(body=body):
                response = self.post(body)
                problem = self.check_problem(response, 400, 422)
                if response.status == 422:
                    self.assertEqual(pointer, problem["errors"][0]["pointer"])
        # The context is the caller's own: there the last one counts, as for every JSON reader in use.
        self.assertEqual(3, self.post(b'{"code":"return context.a","context":{"a":1,"b":2,"a":3}}').json["output"])

    def test_unknown_members_with_their_pointer(self):
        for body, pointers in (({"code": "return 1", "limit": {}}, ["/limit"]),
                               ({"code": "return 1", "limits": {"cpu": 1}}, ["/limits/cpu"]),
                               ({"code": "return 1", "options": {"sed": 1}}, ["/options/sed"]),
                               ({"code": "return 1", "a/b~c": 1}, ["/a~1b~0c"]),
                               ({"code": "return 1", "": 1}, ["/"]),
                               ({"code": "return 1", "Code": 1, "x": {"y": []}}, ["/Code", "/x"])):
            with self.subTest(body=body):
                problem = self.check_problem(self.post(body), 422)
                self.assertEqual(pointers, [fault["pointer"] for fault in problem["errors"]])
        problem = self.check_problem(self.post({"code": "return 1", "limits": {"memory_byte": 1}}), 422)
        self.assertIn("memory_bytes", problem["errors"][0]["detail"])

    def test_wrong_types_of_each_member(self):
        values = {"null": None, "true": True, "number": 1, "float": 1.5, "text": "x", "array": [], "object": {}}
        wants = {("code",): {"text"}, ("policy",): {"text"}, ("limits",): {"object"}, ("options",): {"object"},
                 ("options", "seed"): {"number"}, ("options", "chunk_name"): {"text"}, ("options", "profile"): {"true"},
                 ("options", "count"): {"true"}, ("limits", "cpu_ms"): {"number", "text"}, ("limits", "wall_ms"): {"number", "text"},
                 ("limits", "memory_bytes"): {"number", "text"}, ("limits", "instructions"): {"number"},
                 ("limits", "output_bytes"): {"number", "text"}, ("limits", "log_bytes"): {"number", "text"}}
        for path, good in wants.items():
            for kind, value in values.items():
                if kind in good:
                    continue
                body = {"code": "return 1"}
                inner = body
                for name in path[:-1]:
                    inner = inner.setdefault(name, {})
                inner[path[-1]] = value
                with self.subTest(path=path, kind=kind):
                    problem = self.check_problem(self.post(body), 422)
                    self.assertEqual(["/" + "/".join(path)], [fault["pointer"] for fault in problem["errors"]])

    def test_limits_out_of_range(self):
        for limit, value in (("cpu_ms", 0), ("cpu_ms", -1), ("cpu_ms", 10 ** 18), ("cpu_ms", 10 ** 30), ("cpu_ms", 1e300), ("cpu_ms", "1 year"),
                             ("cpu_ms", "10 s s"), ("cpu_ms", "-1s"), ("cpu_ms", "NaN"), ("cpu_ms", ""), ("cpu_ms", "10MiB"), ("wall_ms", 0),
                             ("memory_bytes", 0), ("memory_bytes", 1), ("memory_bytes", "1EiB"), ("memory_bytes", "99999999999999999999"),
                             ("memory_bytes", "10s"), ("instructions", -5), ("instructions", 2 ** 63), ("output_bytes", "1.5B"), ("log_bytes", -1)):
            with self.subTest(limit=limit, value=value):
                problem = self.check_problem(self.post({"code": "return 1", "limits": {limit: value}}), 422)
                self.assertEqual([f"/limits/{limit}"], [fault["pointer"] for fault in problem["errors"]])

    def test_all_faults_are_told_at_once(self):
        problem = self.check_problem(self.post({"code": 1, "policy": 2, "limits": {"cpu_ms": [], "x": 1}, "y": 2}), 422)
        self.assertEqual({"/code", "/policy", "/limits/cpu_ms", "/limits/x", "/y"}, {fault["pointer"] for fault in problem["errors"]})

    def test_missing_code_and_unknown_policy(self):
        self.assertEqual("/code", self.check_problem(self.post({}), 422)["errors"][0]["pointer"])
        for policy in ("none", "../default", "default\u0000", "", "x" * 10000, "Default", "default.json", "%s%n"):
            with self.subTest(policy=policy[:20]):
                problem = self.check_problem(self.post({"code": "return 1", "policy": policy}), 422, 404)
                self.assertEqual("/policy", problem["errors"][0]["pointer"])

    def test_chunk_names(self):
        for name in ("", "x" * 1000, "a\nb", "a\u0000b", "\u001b[31m"):
            with self.subTest(name=name[:10]):
                self.check_problem(self.post({"code": "return 1", "options": {"chunk_name": name}}), 422)
        for name in ("@/etc/passwd", "=stdin", "[C]", "é.lua", "a b", "%s%n"):
            with self.subTest(name=name):
                result = self.daemon.run("error('x')", options={"chunk_name": name})
                self.assertEqual(f"{name}:1: x", result["error"]["message"])

    def test_huge_bodies_are_named(self):
        for body, words in (({"code": "--" + "x" * (300 << 10)}, ("code", "256 KiB")), ({"code": "return 1", "context": "x" * (2 << 20)}, ("context", "1 MiB"))):
            problem = self.check_problem(self.post(body), 413)
            for word in words:
                self.assertIn(word, json.dumps(problem))
        with self.daemon.new_connection() as connection:
            try:
                self.check_problem(connection.request("POST", "/v1/runs", {"code": "return 1", "context": "x" * (20 << 20)}), 413)
            except OSError:
                pass  # refused and closed while it was still being sent
        self.check_alive()

    def test_sizes_just_below_the_limits(self):
        code = "return 1 --"
        code += "x" * ((256 << 10) - len(code))
        self.assertEqual(1, self.daemon.run(code)["output"])
        self.assertEqual((1 << 20) - 2, self.daemon.run("return #context", "x" * ((1 << 20) - 2))["output"])

    def test_content_types(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ""):
            with self.subTest(kind=kind):
                self.check_problem(self.post(GOOD, headers={"Content-Type": kind}), 415)
        for kind in ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON"):
            with self.subTest(kind=kind):
                self.assertEqual(200, self.post(GOOD, headers={"Content-Type": kind}).status)

    def test_routes_and_methods(self):
        self.check_problem(self.daemon.get("/"), 404)
        self.check_problem(self.daemon.get("/v1/runs/../policies"), 404)
        self.check_problem(self.daemon.get("/v1/policies/..%2f..%2fetc%2fpasswd"), 404)
        self.check_problem(self.daemon.request("PUT", "/v1/validate", b"{}"), 405)
        self.check_problem(self.daemon.request("DELETE", "/v1/runs/not-an-id"), 404)
        self.check_problem(self.daemon.request("DELETE", "/v1/runs/01a1fe99-9fd5-7f6a-b5a5-31e99b8f3592"), 404)

    def test_request_ids(self):
        good = self.post(GOOD, headers={"X-Request-Id": "abc-123"})
        self.assertEqual("abc-123", good.headers["x-request-id"])
        for bad in ("x" * 1000, "a b", "a\"b", "<script>"):
            with self.subTest(bad=bad[:10]):
                self.assertNotEqual(bad, self.post(GOOD, headers={"X-Request-Id": bad}).headers["x-request-id"])
        for bad in ("00-0-0-00", "garbage", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff-" + "1" * 32 + "-" + "1" * 16 + "-01"):
            with self.subTest(trace=bad):
                self.assertRegex(self.post(GOOD, headers={"traceparent": bad}).json["trace_id"], "[0-9a-f]{32}")

    def test_validate_bodies(self):
        for body, statuses in ((b"", (400,)), (b"{}", (422,)), (b'{"code":1}', (422,)), (b'{"code":"x","modules":{}}', (422,)),
                               (b'{"modules":{}}', (422,)), (b'{"modules":[]}', (422,)), (b'{"modules":{"main":1}}', (422,)),
                               (b'{"modules":{"":"return 1"}}', (422,)), (b'{"code":"return 1","policy":"none"}', (422,)),
                               (b"[" * 100000, (400,)), (b'{"code":"\xff"}', (400,))):
            with self.subTest(body=body[:40]):
                self.check_problem(self.post(body, "/v1/validate"), *statuses)
        broken = self.post({"code": "local x = = 1"}, "/v1/validate").json
        self.assertEqual((False, "error", 1), (broken["valid"], broken["diagnostics"][0]["severity"], broken["diagnostics"][0]["line"]))

    def test_validate_names(self):
        longest = "m" * 124  # ".lua" comes behind it
        self.assertTrue(self.post({"modules": {longest: "return 1"}}, "/v1/validate").json["valid"])
        for body in (json.dumps({"modules": {longest + "m": "return 1"}}), json.dumps({"modules": {"m" * 128: "return 1"}}),
                     '{"modules":{"a":"return 1","a":"return 2"}}'):
            with self.subTest(body=body[:40]):
                problem = self.check_problem(self.post(body.encode(), "/v1/validate"), 422)
                self.assertIn("/modules/", json.dumps(problem))

    def test_validate_is_not_judged_by_limits_of_output(self):
        self.assertEqual({"valid": True, "diagnostics": []}, self.post({"code": "return 1", "policy": "terse"}, "/v1/validate").json)
        broken = self.post({"code": "local x = = 1", "policy": "terse"}, "/v1/validate").json
        self.assertEqual((False, 1), (broken["valid"], broken["diagnostics"][0]["line"]))

    def test_output_may_be_larger_than_memory(self):
        result = self.daemon.run("local s, t = ('x'):rep(1048576), {}\nfor i = 1, 60 do t[i] = s end\nreturn t", policy="talkative")
        self.assert_status(result, "ok")
        self.assertEqual(["x" * 1048576] * 60, result["output"])

    def test_half_closed_connections_get_their_answer(self):
        with self.daemon.raw_socket() as connection:
            connection.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD))
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        # A half-closed connection may be taken for a caller that is gone; it may not be left hanging.
        if answer:
            self.assertRegex(answer, rb"HTTP/1\.1 (200|400)")
        self.check_alive()

    def test_mutations_of_a_good_request(self):
        source = random.Random(20240517)
        for _ in range(1500):
            body = bytearray(GOOD)
            for _ in range(source.randint(1, 4)):
                at = source.randrange(len(body))
                action = source.randrange(4)
                if action == 0:
                    body[at] = source.randrange(256)
                elif action == 1:
                    del body[at:at + source.randint(1, 8)]
                elif action == 2:
                    body[at:at] = bytes(source.choice(b'[]{}",:\\0e-+.\xff\x00 tfn') for _ in range(source.randint(1, 8)))
                else:
                    body[at:at] = body[source.randrange(len(body)):][:source.randint(1, 30)]
                if not body:
                    body = bytearray(GOOD)
            response = self.post(bytes(body))
            self.assertIn(response.status, (200, 400, 413, 422), (bytes(body), response))
            if response.status == 200:
                # Whatever was taken for good JSON has to be good JSON for others, too.
                json.loads(bytes(body))
            else:
                self.check_problem(response, response.status)
        self.check_alive()

    def test_the_log_shows_no_bodies(self):
        self.post({"code": "return 'a-very-secret-text'", "context": "another-secret-text"})
        self.assertIsNone(re.search("secret-text", self.daemon.log_text))


if __name__ == "__main__":
    support.main()
