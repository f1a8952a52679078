# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a trace collector on loopback: takes OTLP/HTTP JSON, checks every field of it, keeps the spans,
and can be slow, refuse, answer nonsense, or be gone."""

import gzip
import http.server
import json
import socket
import threading

import otlp
from daemon import PATIENCE_S, wait_until

REQUIRED_RESOURCE = {"service.name", "service.version", "service.instance.id", "host.name"}


class Span:
    """One span as plain values."""

    def __init__(self, raw, resource):
        self.raw = raw
        self.resource = resource
        self.name = raw["name"]
        self.trace_id = raw["traceId"]
        self.span_id = raw["spanId"]
        self.parent = raw.get("parentSpanId", "")
        self.kind = raw["kind"]
        self.start_ns = int(raw["startTimeUnixNano"])
        self.end_ns = int(raw["endTimeUnixNano"])
        self.attributes = attributes_of(raw["attributes"])
        self.links = raw.get("links", [])
        self.status = raw["status"].get("code", 0)


def attributes_of(pairs):
    attributes = {}
    for pair in pairs:
        (kind, value), = pair["value"].items()
        if pair["key"] in attributes:
            raise ValueError(f"attribute {pair['key']} is there twice")
        attributes[pair["key"]] = int(value) if kind == "intValue" else value
    return attributes


class Collector:
    """`status`: what to answer; `body` and `headers` go with it; `delay_s`: how long to wait before;
    `fault`: the first thing that was wrong with a request."""

    def __init__(self):
        self.spans = []
        self.bodies = []
        self.requests = []  # headers of each, with ":path"
        self.fault = None
        self.status, self.body, self.headers = 200, b"{}", {}
        self.raw = None  # bytes to send instead of HTTP
        self.release = threading.Event()
        self.release.set()  # cleared: requests wait
        self._server = None
        self.port = None
        self.start()

    def start(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector._serve(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass  # the client hung up

        self._server = Server(("127.0.0.1", self.port or 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self):
        """Nobody listens any more; start() comes back at the same port."""
        if self._server is not None:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more):
        """Variables that make sandboxd export here, without delay."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "50", **more}

    def _serve(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if self._server is None:  # nobody listens: a connection that was kept alive is no answer either
            handler.close_connection = True
            return
        if not self.release.is_set():
            handler.close_connection = True  # of a server that is stopped and started meanwhile
        self.release.wait(PATIENCE_S)
        if self.raw is not None:
            handler.wfile.write(self.raw)
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_WR)
            return
        self.requests.append({":path": handler.path, **dict(handler.headers.items())})
        if self.status == 200:
            try:
                self._take(handler.headers, body)
            except Exception as fault:  # of any kind: the test is to show it
                self.fault = self.fault or f"{type(fault).__name__}: {fault}\n{body[:2000]!r}"
        handler.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body)

    def _take(self, headers, body):
        if headers["Content-Type"] != "application/json":
            raise ValueError(f"Content-Type: {headers['Content-Type']}")
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(body)
        document = json.loads(body)
        otlp.decode(document)
        for resource_spans in document["resourceSpans"]:
            resource = attributes_of(resource_spans["resource"]["attributes"])
            if missing := REQUIRED_RESOURCE - resource.keys():
                raise ValueError(f"the resource lacks {missing}")
            for scope_spans in resource_spans["scopeSpans"]:
                if scope_spans["scope"]["name"] != "sandboxd" or not scope_spans["spans"]:
                    raise ValueError(f"scope {scope_spans['scope']}, {len(scope_spans['spans'])} spans")
                self.spans += [Span(raw, resource) for raw in scope_spans["spans"]]

    def trace(self, trace_id):
        return [span for span in list(self.spans) if span.trace_id == trace_id]

    def wait_for_trace(self, trace_id):
        """The spans of a trace by name, once its server span (which is sent last) is here."""
        def whole():
            spans = self.trace(trace_id)
            return spans if any(span.kind == 2 for span in spans) or self.fault else None

        spans = wait_until(whole, f"the spans of trace {trace_id}")
        if self.fault:
            raise AssertionError(self.fault)
        return {span.name: span for span in spans}
