# SPDX-License-Identifier: Apache-2.0
"""The rows of the bench, P1 to P8; P9 is in neighbour.py, O1 to O3 in observed.py, O4 in history.py, M1 in market.py, C1
in command_line.py, S1 in soak.py. Nearly every figure that is judged is a ratio within one run, of rounds in turn."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

import command_line
import history
import market
import measure
import neighbour
import observed
import soak
from report import Row

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

TRIVIAL = {"code": "return context.a + context.b", "context": {"a": 2, "b": 3}}
CPU_PROGRAMS = {
    "fib": "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\nreturn fib(31)\n",
    "tables": "local t = {}\nfor i = 1, 4000000 do t[i % 5000 + 1] = (t[i % 5000 + 1] or 0) + i end\nreturn #t\n",
    "strings": "local n = 0\nfor i = 1, 400000 do n = n + #(('%d-%s'):format(i, 'x'):gsub('%d', 'y')) end\nreturn n\n",
}


def quiet_daemon_class(build):
    """The tests' daemon, but logging into a file: nobody reads along and takes time from what is measured."""
    os.environ["SANDBOXD_BUILD_DIR"] = str(build)
    import daemon  # reads the build folder when it is imported

    class QuietDaemon(daemon.Daemon):
        def start(self):
            log = self.scratch / "log"
            log.unlink(missing_ok=True)
            with log.open("ab") as file:  # appended to, so that it may be cut short while it is written
                self.process = subprocess.Popen([str(self._program), "--config", str(self.config_path)],
                                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file,
                                                env={**os.environ, **self._environment})

            def listening():
                records = map(json.loads, log.read_text().splitlines())
                return next((record for record in records if record.get("msg") == "listening"), None)

            address = daemon.wait_until(listening, "the listening record")["address"]
            self.host, _, port = address.rpartition(":")
            self.port = int(port)
            return self

        def restart(self, between):
            """Runs one plugin, stops, does `between`, and starts again on the same state."""
            self.run("return 1")
            self.connection().close()
            self.process.terminate()
            self.process.wait(60)
            between()
            self.start()
            self._local.__dict__.clear()

        def stop(self, check=True):
            self.process.terminate()
            self.process.wait(60)
            self._remove(False)

    return QuietDaemon


class Bench:
    """What the rows share: the build, the seconds to spend on each round, and what one row found for another."""

    def __init__(self, build, quick, soak_runs=None):
        self.Daemon = quiet_daemon_class(build)
        self.build = build
        self.rounds = 1 if quick else 3
        self.seconds = 1 if quick else 2
        self.soak_runs = soak_runs or (soak.QUICK_RUNS if quick else soak.RUNS)
        self.found = {}

    def daemon(self, **options):
        return self.Daemon(**options)

    def floor(self, in_flight, seconds=None):
        """Runs a second, and p50 in µs, of the floor program: fork, filter, Lua, exit, reap; nothing else."""
        done = subprocess.run([self.build / "tests/bench/floor", str(in_flight), str(seconds or self.seconds)],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def load(self, daemon, body, connections, seconds=None):
        return measure.wrk(runs_url(daemon), json.dumps(body).encode(), connections, seconds or self.seconds)

    def rate(self, daemon, connections):
        return self.load(daemon, TRIVIAL, connections)["per_second"]


def runs_url(daemon):
    return f"http://{daemon.host}:{daemon.port}/v1/runs"


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_per_run(bench, daemon):
    """Where the time goes, whatever else the machine does: CPU time per run of each thread, the workers, wrk; and of
    the floor."""
    def zygotes():
        return [pid for pid in daemon.descendants() if "zygote" in measure.title_of(pid)]

    before, client = measure.cpu_of(daemon.pid, zygotes()), children_cpu_s()
    runs = bench.load(daemon, TRIVIAL, 32)["requests"]
    after, client_after = measure.cpu_of(daemon.pid, zygotes()), children_cpu_s()
    spent = {name: after[name] - before.get(name, 0) for name in after}
    spent["wrk"] = client_after - client
    floor_runs = bench.floor(16)["runs"]
    floor_us = (children_cpu_s() - client_after) / floor_runs * 1e6
    shares = sorted(((seconds / runs * 1e6, name) for name, seconds in spent.items()), reverse=True)
    total = sum(micros for micros, _ in shares)
    return (f"{total:.0f} µs (" + ", ".join(f"{name} {micros:.0f}" for micros, name in shares if micros >= 1) +
            f"), of the floor {floor_us:.0f} µs")


def p1_throughput(bench):
    with bench.daemon() as daemon:
        bench.rate(daemon, 32)  # pools grow to what the load wants
        where = cpu_per_run(bench, daemon)
        ours, floor = measure.paired(bench.rounds, lambda: bench.rate(daemon, 32),
                                     lambda: bench.floor(16)["per_second"])
    bench.found["rate"], bench.found["floor"] = measure.median(ours), measure.median(floor)
    yield Row("P1", "runs over HTTP, 32 connections / floor", measure.ratio(ours, floor), (0.75, "at least"),
              figures={"HTTP": f"{measure.median(ours):,.0f}/s", "floor": f"{measure.median(floor):,.0f}/s"},
              note=f"CPU time of a run: {where}")


def p2_latency(bench):
    with bench.daemon() as daemon:
        bench.load(daemon, TRIVIAL, 1)
        ours, floor = measure.paired(bench.rounds, lambda: bench.load(daemon, TRIVIAL, 1)["p50_us"],
                                     lambda: bench.floor(1)["p50_us"])
    yield Row("P2", "p50 over HTTP, one client / floor", measure.ratio(ours, floor), (1.6, "at most"),
              figures={"HTTP": f"{measure.median(ours):.0f} µs", "floor": f"{measure.median(floor):.0f} µs"})


def peers(script):
    """What a user would pick instead, each starting lua5.4 afresh on the same trivial program."""
    bwrap = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
             "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--ro-bind", script, script,
             "lua5.4", script]
    nsjail = ["nsjail", "-Mo", "--quiet", "--chroot", "/", "--", shutil.which("lua5.4"), script]
    return {"nsjail -Mo": (nsjail, 15), "bwrap --unshare-all": (bwrap, None), "lua5.4, no sandbox": (["lua5.4", script], 1)}


def p3_peers(bench):
    with tempfile.NamedTemporaryFile("w", suffix=".lua", dir="/var/tmp") as script, bench.daemon() as daemon:
        script.write("local context = {a = 2, b = 3}\nprint(context.a + context.b)\n")
        script.flush()
        os.chmod(script.name, 0o644)
        bench.rate(daemon, 32)
        for name, (command, bound) in peers(script.name).items():
            if shutil.which(command[0]) is None:
                yield Row("P3", f"runs over HTTP / {name}", None, note=f"{command[0]} is not installed")
                continue
            ours, theirs = measure.paired(bench.rounds, lambda: bench.rate(daemon, 32),
                                          lambda: measure.processes_per_second(command, bench.seconds))
            yield Row("P3", f"runs over HTTP / {name}", measure.ratio(ours, theirs), bound and (bound, "at least"),
                      figures={"HTTP": f"{measure.median(ours):,.0f}/s", "theirs": f"{measure.median(theirs):,.0f}/s"})


def p4_protection(bench):
    rounds = bench.rounds * 2 - 1
    for counted, bound in ((False, 1.05), (True, 2)):
        ratios = {}
        with bench.daemon() as daemon, tempfile.TemporaryDirectory() as folder:
            for name, code in CPU_PROGRAMS.items():
                script = pathlib.Path(folder, f"{name}.lua")
                script.write_text(code)
                ours, plain = measure.paired(
                    rounds, lambda: daemon.run(code, options={"count": counted})["usage"]["cpu_ms"],
                    lambda: measure.cpu_ms_of(["lua5.4", str(script)]))
                ratios[name] = measure.ratio(ours, plain)
        yield Row("P4", f"CPU time / plain lua5.4, {'with' if counted else 'without'} an instruction count",
                  max(ratios.values()), (bound, "at most"), figures={n: f"{r:.2f}" for n, r in ratios.items()},
                  note="the worst program is judged")


def large_context():
    """A JSON value of just under 1 MiB, with numbers, strings, escapes and nesting as in a real catalogue."""
    item = {"id": 12345, "name": "Flat screw M4 × 20", "price": 3.25, "tags": ["steel", "galvanised"], "note": "a\nb\"c"}
    size = len(json.dumps(item, ensure_ascii=False).encode()) + 2
    return [item] * ((1 << 20) // size - 10)


def p5_large(bench):
    context = large_context()
    body = {"code": "return context", "context": context}
    text = json.dumps(body, ensure_ascii=False).encode()
    with tempfile.NamedTemporaryFile() as file:
        file.write(json.dumps(context, ensure_ascii=False).encode())
        file.flush()
        scanner = subprocess.run([bench.build / "tests/bench/scan", file.name], capture_output=True, text=True, check=True)
    yield Row("P5", "JSON scanner alone, MB/s", float(scanner.stdout), (300, "at least"))
    server = subprocess.Popen([bench.build / "tests/bench/echo_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    try:
        echo_url = f"http://127.0.0.1:{int(server.stdout.readline())}/"
        with bench.daemon() as daemon:
            ours, echo = measure.paired(
                bench.rounds, lambda: measure.wrk(runs_url(daemon), text, 4, bench.seconds)["per_second"],
                lambda: measure.wrk(echo_url, text, 4, bench.seconds)["per_second"])
    finally:
        server.stdin.close()
        server.wait()
    rate = measure.median(ours)
    yield Row("P5", "1 MiB context, to Lua and back / plain echo", measure.ratio(ours, echo),
              figures={"HTTP": f"{rate * len(text) / 1e6:,.0f} MB/s",
                       "echo": f"{measure.median(echo) * len(text) / 1e6:,.0f} MB/s"})


def flatness(what, rates, judged=lambda size: True):
    """How far the worst rate is from the best."""
    judged_rates = [rate for size, rate in rates.items() if judged(size)]
    return Row("P6", f"worst / best rate, {what}", min(judged_rates) / max(judged_rates), (0.8, "at least"),
               figures={f"{size:,}": f"{rate:,.0f}/s" for size, rate in rates.items()})


def p6_growth(bench):
    with bench.daemon() as daemon:
        bench.rate(daemon, 32)
        sizes = (1, 4, 16, 64, 256, 1000)
        rounds = measure.paired(bench.rounds, *[lambda n=n: bench.rate(daemon, n) for n in sizes])
    by_connections = {n: measure.median(rates) for n, rates in zip(sizes, rounds)}
    bench.found["by_connections"] = by_connections
    # Fewer connections than 16 cannot fill two cores: they are shown, not judged.
    yield flatness("16 to 1,000 connections", by_connections, lambda size: size >= 16)
    by_policies = {}
    for count in (1, 10, 100):
        extra = {f"copy{i}": {"extends": "default", "description": "a copy"} for i in range(count - 1)}
        by_policies[count] = bench.daemon(policies=extra)
    yield flatness("1 to 100 policies beside the stock ones", rates_in_turn(bench, by_policies))
    by_history = {count: bench.daemon() for count in (0, 1000000)}
    yield flatness("with 0 and 1,000,000 stored runs", rates_in_turn(bench, by_history, lambda count, daemon: daemon.restart(
        lambda: history.fill(daemon.state_dir / "sandboxd.db", count)) if count else None))


def rates_in_turn(bench, daemons, prepare=lambda size, daemon: None):
    """Starts them all, and loads one after the other, so that a drift of the machine meets them all."""
    with contextlib.ExitStack() as stack:
        for size, daemon in daemons.items():
            stack.enter_context(daemon)
            prepare(size, daemon)
            bench.rate(daemon, 32)
        rounds = measure.paired(bench.rounds, *[lambda d=daemon: bench.rate(d, 32) for daemon in daemons.values()])
    return {size: measure.median(rates) for size, rates in zip(daemons, rounds)}


def p7_memory(bench):
    with bench.daemon() as daemon:
        bench.rate(daemon, 32)
        pids = {"zygote": [], "worker": []}
        for pid in daemon.descendants():
            title = measure.title_of(pid)
            if "worker" in title and "idle" in title:
                pids["worker"].append(pid)
            elif "zygote" in title:
                pids["zygote"].append(pid)
        kib = {name: [measure.memory_of(pid) for pid in found] for name, found in pids.items()}
        service = measure.memory_of(daemon.pid)
    yield Row("P7", "sandboxd, RSS after load", service and service[0] / 1024, (30, "at most"), " MiB")
    zygotes = [figures[0] for figures in kib["zygote"] if figures]
    workers = [figures[1] for figures in kib["worker"] if figures]
    blind = "" if zygotes and workers else "only root may look into a confined process"
    yield Row("P7", "zygote, RSS, the largest", max(zygotes) / 1024 if zygotes else None, (3, "at most"), " MiB", note=blind)
    yield Row("P7", "idle worker, private memory, median", measure.median(workers) if workers else None,
              (300, "at most"), " KiB", note=blind)


SPIN = "local n = 0 while true do n = n + 1 end"
DEADLINES = (
    ("cpu_ms", "CPU limit: p99 overshoot", {"cpu_ms": 20, "wall_ms": 5000}, "cpu_limit", 2, " ms"),
    ("wall_ms", "wall limit: p99 overshoot", {"wall_ms": 20, "cpu_ms": 5000}, "wall_limit", 2, " ms"),
    ("instructions", "instruction limit: p99 overshoot", {"instructions": 1000000}, "instruction_limit", 1, " %"),
)


def p8_deadlines(bench):
    runs = 20 if bench.rounds == 1 else 200
    with bench.daemon() as daemon:
        for name, what, limits, status, bound, unit in DEADLINES:
            over = []
            for _ in range(runs):
                result = daemon.run(SPIN, limits=limits)
                if result["status"] != status:
                    raise RuntimeError(f"expected {status}: {json.dumps(result)[:500]}")
                limit = result["error"]["limit"]
                past = limit["observed"] - limit["value"]
                over.append(past / limit["value"] * 100 if unit == " %" else past)
            yield Row("P8", f"{what}, {runs} runs", measure.quantile(over, 0.99), (bound, "at most"), unit,
                      figures={"p50": f"{measure.median(over):.2f}{unit}", "maximum": f"{max(over):.2f}{unit}"})


ROWS = {"P1": p1_throughput, "P2": p2_latency, "P3": p3_peers, "P4": p4_protection, "P5": p5_large, "P6": p6_growth,
        "P7": p7_memory, "P8": p8_deadlines,
        "P9": lambda bench: neighbour.p9_neighbour(bench, TRIVIAL), "O1": observed.o1_watched,
        "O2": observed.o2_collector_in_trouble, "O3": observed.o3_profile, "O4": history.o4_history, "M1": market.m1_in_force,
        "C1": command_line.c1_run, "S1": soak.s1_soak}
