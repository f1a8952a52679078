# SPDX-License-Identifier: Apache-2.0
"""Requests that no library would send: ambiguous, broken, endless, slow. Each gets a clear answer or a closed
connection, and the service goes on."""

import json
import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until

RUN = json.dumps({"code": "return context", "context": "nonce-1"}).encode()
HEAD = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def with_length(body, head=HEAD):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class FramingTest(daemon.DaemonTest):
    daemon_options = {"settings": {"http": {"idle_timeout_ms": 500, "max_body_bytes": 1500000}}}

    def tearDown(self):
        # Whatever came before: the service answers, and the answer is its own.
        self.assertEqual(self.daemon.run("return context", "after")["output"], "after")

    def say(self, *pieces, half_close=False):
        """Everything that comes back for these bytes until the server closes."""
        with self.daemon.raw_socket() as connection:
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    break  # refused and closed meanwhile
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            return self.read_all(connection)

    @staticmethod
    def read_all(connection):
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer

    def assert_problem(self, answer, status, code=None):
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), answer[:500])
        self.assertIn(b"application/problem+json", head)
        problem = json.loads(body)
        self.assertEqual(problem["status"], status)
        self.assertIn(b"X-Request-Id: " + problem["request_id"].encode(), head)
        if code is not None:
            self.assertEqual(problem["code"], code)

    def test_ambiguous_framing_is_refused_and_the_connection_closed(self):
        smuggled = b"GET /v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for fields in (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                       b"Content-Length: 5\r\nContent-Length: 6\r\n",
                       b"Content-Length: 5\r\nContent-Length: 5\r\n",
                       b"Content-Length: 5, 5\r\n",
                       b"Content-Length: +5\r\n",
                       b"Transfer-Encoding: gzip, chunked\r\n",
                       b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                       b"Transfer-Encoding: chunked, chunked\r\n",
                       b"Transfer-Encoding: \x0bchunked\r\n",
                       b"Transfer-Encoding: identity\r\n"):
            with self.subTest(fields=fields):
                answer = self.say(HEAD + fields + b"\r\n0\r\n\r\n" + smuggled)
                # The smuggled request is not answered. (libmicrohttpd itself says its 400 twice over.)
                self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer[:300])
                self.assertNotIn(b"HTTP/1.1 200 ", answer)

    def test_methods_that_are_none_or_unknown(self):
        self.assert_problem(self.say(b"P(ST / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400, "bad_request")
        self.assert_problem(self.say(b"BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 501,
                            "method_not_implemented")
        self.assert_problem(self.say(b"CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 501)
        self.assert_problem(self.say(b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 501)

    def test_a_long_target_is_refused(self):
        request = b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        self.assert_problem(self.say(request), 414, "uri_too_long")

    def test_huge_headers_do_no_harm(self):
        answer = self.say(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Big: " + b"a" * 100000 + b"\r\n\r\n")
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200])
        answer = self.say(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n")
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200])

    def test_what_is_no_http_does_no_harm(self):
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 1000, b"GET\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"\r\n" * 100,
                     b"get /livez http/1.1\r\n\r\n"):
            self.say(junk, half_close=True)

    def test_what_the_library_refuses_is_html_as_documented(self):
        for status, request in ((400, b"GET /livez HTTP/1.1\r\n\r\n"), (400, HEAD + b"Content-Length: abc\r\n\r\n"),
                                (413, HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n"),
                                (505, b"GET /livez HTTP/2.0\r\nHost: localhost\r\n\r\n")):
            answer = self.say(request)
            self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), answer[:200])
            self.assertIn(b"<html>", answer)
        self.assertEqual(self.say(b"garbage\r\n\r\n"), b"")

    def test_a_declared_length_above_the_limit_is_refused_before_the_body(self):
        self.assert_problem(self.say(HEAD + b"Content-Length: 1500001\r\n\r\n"), 413, "body_too_large")
        self.assert_problem(self.say(HEAD + b"Content-Length: 999999999999999999\r\n\r\n"), 413, "body_too_large")
        answer = self.say(HEAD + b"Expect: 100-continue\r\nContent-Length: 1500001\r\n\r\n")
        self.assert_problem(answer, 413, "body_too_large")

    def test_a_body_in_chunks_is_bounded_as_it_comes(self):
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        self.assert_problem(self.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 24, b"0\r\n\r\n"), 413,
                            "body_too_large")
        endless = self.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *([chunk] * 400))
        self.assertTrue(endless == b"" or endless.startswith(b"HTTP/1.1 413 "), endless[:200])

    def test_a_body_in_chunks_is_put_together(self):
        pieces = [RUN[i:i + 3] for i in range(0, len(RUN), 3)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        answer = self.say(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        self.assertIn(b'"output":"nonce-1"', answer)
        broken = self.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")
        self.assertTrue(broken == b"" or broken.startswith(b"HTTP/1.1 400 "), broken[:200])

    def test_expect_continue_is_honoured(self):
        with self.daemon.raw_socket() as connection:
            connection.sendall(HEAD + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                               % len(RUN))
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100 "))
            connection.sendall(RUN)
            self.assertIn(b'"output":"nonce-1"', self.read_all(connection))

    def test_pipelined_requests_are_answered_in_order(self):
        requests = b""
        for number in range(20):
            body = json.dumps({"code": "return context", "context": number}).encode()
            requests += with_length(body)
        answer = self.say(requests + b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        outputs = [int(part.split(b",")[0]) for part in answer.split(b'"output":')[1:]]
        self.assertEqual(outputs, list(range(20)))
        self.assertTrue(answer.endswith(b"ok\n"))

    def test_a_refusal_keeps_the_connection_for_the_next_request(self):
        answer = self.say(with_length(b"{") + with_length(b'{"code":1}') +
                          b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertEqual(answer.count(b"HTTP/1.1 "), 3, answer)
        self.assertTrue(answer.endswith(b"ok\n"))

    def test_a_truncated_body_is_no_run(self):
        before = self.daemon.get("/v1/stats").json["runs"]["total"]
        self.say(with_length(RUN)[:-5], half_close=True)
        self.assertEqual(self.daemon.get("/v1/stats").json["runs"]["total"], before)

    def test_a_body_that_does_not_arrive_is_told_so(self):
        self.assert_problem(self.say(with_length(RUN)[:-5]), 408, "body_timeout")

    def test_a_body_that_trickles_in_is_told_so(self):
        with self.daemon.raw_socket() as connection:
            stop = threading.Event()

            def trickle():
                for byte in with_length(RUN * 100):
                    if stop.wait(0.02):
                        return
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return

            thread = threading.Thread(target=trickle)
            thread.start()
            answer = self.read_all(connection)
            stop.set()
            thread.join()
        # The rest may be on its way when the answer is given, and then takes it along.
        self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer[:200])

    def test_headers_that_trickle_in_are_cut_off(self):
        with self.daemon.raw_socket() as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
            stop = threading.Event()

            def trickle():
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"X: y\r\n")
                    except OSError:
                        return

            thread = threading.Thread(target=trickle)
            thread.start()
            self.read_all(connection)
            stop.set()
            thread.join()

    def test_idle_connections_are_closed(self):
        self.assertEqual(self.say(), b"")
        answer = self.say(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertTrue(answer.endswith(b"ok\n"))

    def test_hanging_up_cancels_the_run(self):
        body = json.dumps({"code": "while true do end"}).encode()
        connection = self.daemon.raw_socket()
        connection.sendall(with_length(body))
        wait_until(lambda: self.daemon.get("/v1/stats").json["runs"]["running"] == 1, "the run")
        connection.close()
        wait_until(lambda: self.daemon.get("/v1/stats").json["runs"]["running"] == 0, "its end")
        record = self.daemon.wait_for_log(lambda r: r.get("msg") == "run" and r["status"] == "cancelled",
                                          "the cancelled run")
        self.assertLess(record["wall_ms"], 29000)

    def test_answers_larger_than_socket_buffers_arrive_whole(self):
        connection = self.daemon.raw_socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        body = json.dumps({"code": "return ('x'):rep(1000000)"}).encode()
        connection.sendall(with_length(body, HEAD + b"Connection: close\r\n"))
        answer = self.read_all(connection)
        self.assertEqual(len(json.loads(answer.partition(b"\r\n\r\n")[2])["output"]), 1000000)
        connection.close()

    def test_many_connections_at_once_get_each_their_own_answer(self):
        answers = {}

        def ask(number):
            body = json.dumps({"code": "return context", "context": f"nonce-{number}"}).encode()
            answers[number] = self.say(with_length(body, HEAD + b"Connection: close\r\n"))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number, answer in answers.items():
            self.assertIn(b'"output":"nonce-%d"' % number, answer)


if __name__ == "__main__":
    daemon.main()
