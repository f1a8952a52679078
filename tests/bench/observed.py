# SPDX-License-Identifier: Apache-2.0
"""What it costs to be watched: O1, metrics, history, log lines and a tenth of all traces against none of them
(unobserved.c); O2, latency while the collector is in trouble against one that is well; O3, the CPU time of a run that is profiled
against one that is not."""

import contextlib
import http.server
import socket
import threading

import measure
from report import Row

TRACED = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1", "OTEL_BSP_SCHEDULE_DELAY": "500"}
UNLOGGED = {"log": {"level": "info", "format": "json", "modules": "http=fatal,run=fatal"}}
TROUBLES = ("dead", "slow", "500", "garbage")


@contextlib.contextmanager
def collector(kind):
    """The URL of one that is "well", or in one of TROUBLES."""
    ending = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            if kind == "slow":
                ending.wait(5)
            self.send_response(500 if kind == "500" else 200)
            body = b"\x00garbage" if kind == "garbage" else b"{}"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # the exporter gave up waiting

    if kind == "dead":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        return
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        ending.set()
        server.shutdown()


def o1_watched(bench):
    unobserved = {"program": bench.build / "tests/bench/unobserved",
                  "environment": {"SANDBOX_ZYGOTE_PATH": str(bench.build / "runtime/zygote/sandbox-zygote")}}
    with collector("well") as url, bench.daemon(settings=UNLOGGED, **unobserved) as bare, \
            bench.daemon(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": url, **TRACED}) as watched:
        for daemon in (bare, watched):
            bench.rate(daemon, 32)
        on, off = measure.paired(bench.rounds, lambda: bench.rate(watched, 32), lambda: bench.rate(bare, 32))
    yield Row("O1", "rate with metrics, history, log lines and a tenth of the traces / without any", measure.ratio(on, off), (0.9, "at least"),
              figures={"with": f"{measure.median(on):,.0f}/s", "without": f"{measure.median(off):,.0f}/s"})


def o2_collector_in_trouble(bench):
    for kind in TROUBLES:
        with collector("well") as good, collector(kind) as bad, \
                bench.daemon(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": good, **TRACED}) as well, \
                bench.daemon(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": bad, **TRACED}) as troubled:
            def p50(daemon):
                return bench.load(daemon, {"code": "return 1"}, 1)["p50_us"]

            for daemon in (well, troubled):
                p50(daemon)
            over, under = measure.paired(bench.rounds, lambda: p50(troubled), lambda: p50(well))
        yield Row("O2", f"p50 with a collector that is {kind} / one that is well".replace("is 500", "answers 500")
                  .replace("is garbage", "answers garbage"), measure.ratio(over, under), (1.05, "at most"),
                  figures={"in trouble": f"{measure.median(over):,.0f} µs", "well": f"{measure.median(under):,.0f} µs"})


PROFILED = {  # what makes samples dear: calls, small allocations, deep stacks, coroutines
    "calls": "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(27)",
    "tables": "local t for i = 1, 300000 do t = {i, {i}} end return #t",
    "stacks": "local function deep(n, t) if n == 0 then return #t end t[#t + 1] = {n} local r = deep(n - 1, t) return r end "
              "local s = 0 for i = 1, 1500 do s = s + deep(150, {}) end return s",
    "coroutines": "local n = 0 for i = 1, 40000 do local co = coroutine.wrap(function(a) return coroutine.yield(a) end) "
                  "n = n + co(1) + co(2) end return n",
}


def o3_profile(bench):
    ratios = {}
    with bench.daemon() as daemon:
        for name, code in PROFILED.items():
            def cpu_ms(profile):
                return daemon.run(code, options={"profile": profile})["usage"]["cpu_ms"]

            on, off = measure.paired(bench.rounds * 2 - 1, lambda: cpu_ms(True), lambda: cpu_ms(False))
            ratios[name] = measure.ratio(on, off)
    yield Row("O3", "CPU time of a profiled run / of the same run", max(ratios.values()), (1.5, "at most"),
              figures={name: f"{ratio:.2f}" for name, ratio in ratios.items()}, note="the worst program is judged")
