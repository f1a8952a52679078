# SPDX-License-Identifier: Apache-2.0
"""S1: a million runs of many kinds through one service with everything on, and whether it is afterwards as it was before:
memory, descriptors, threads, processes, files; and whether everybody counted the same runs."""

import collections
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

import market
import measure
import observed
import soak_mix
from report import Row

RUNS, QUICK_RUNS = 1000000, 20000
JUDGED_RUNS = 200000  # fewer than that are over before caches and pools are full
CONNECTIONS, WRK_THREADS = 32, 2
WARM_UP_SHARE = 0.02
SAMPLES = 400
KEPT_SHARE = 0.1  # of all runs stay in the history, so that most of the time runs are removed as others come
LOG_BYTES_MAX = 32 << 20
IDLE_S = 8  # for clients that are gone in the middle of a body; the service notices by its idle timeout
SETTLE_S, SETTLE_PATIENCE_S = IDLE_S + 4, 180
TRACED = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.02"}
TENANTS = ("soak-1", "soak-2", "soak-3")  # one for each of wrk's threads, one for the clients beside it
RUNS_LINE = re.compile(r'^sandbox_runs_total\{.*?status="(\w+)".*?\} (\d+)', re.M)
HISTORY_LINE = re.compile(r'^sandbox_history_runs_total\{result="(\w+)"\} (\d+)', re.M)


class Watch:
    """Looks at a service from outside, SAMPLES times over so many runs, while it is entered."""

    def __init__(self, service, runs):
        self.service = service
        self.samples = []
        self.log_bytes = 0
        self._step = max(1, runs // SAMPLES)
        self._next = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join()
        self.log_bytes += (self.service.scratch / "log").stat().st_size

    def _look_on(self):
        with self.service.new_connection() as connection:
            while not self._ending.wait(0.1):
                runs = sum(runs_by_status(metrics_of(self.service, connection)).values())
                if runs >= self._next:
                    self.samples.append({"runs": runs, **figures_of(self.service)})
                    self._next = runs + self._step
                self._rotate_log()

    def _rotate_log(self):
        log = self.service.scratch / "log"
        size = log.stat().st_size
        if size > LOG_BYTES_MAX:
            self.log_bytes += size
            os.truncate(log, 0)

    def quarter(self, name, number):
        """The median of one figure over a quarter of the runs."""
        last = self.samples[-1]["runs"]
        first = self.samples[0]["runs"]
        low, high = (first + (last - first) * part / 4 for part in (number - 1, number))
        values = [sample[name] for sample in self.samples if low <= sample["runs"] <= high and sample[name] is not None]
        return measure.median(values) if values else None


def metrics_of(service, connection):
    return connection.request("GET", "/metrics", None, service.bearer(service.admin_key)).body.decode()


def runs_by_status(metrics):
    counts = collections.Counter()
    for status, count in RUNS_LINE.findall(metrics):
        counts[status] += int(count)
    return counts


def figures_of(service):
    """KiB and numbers; None for what only root may look at. Idle workers, each with a descriptor, come in batches: they
    are not counted."""
    zygotes = running = idle = 0
    zygote_kib = []
    for pid in service.descendants():
        title = measure.title_of(pid)
        if title.startswith("sandbox-zygote:"):
            zygotes += 1
            zygote_kib.append((measure.memory_of(pid) or (None, None))[0])  # most of it is shared with its workers
        elif title.rstrip().endswith(" idle"):
            idle += 1
        elif title:
            running += 1
    files = sum(path.stat().st_size for path in service.state_dir.glob("sandboxd.db*"))
    status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
    slab = re.search(r"^SUnreclaim: *(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.M)
    return {"service_kib": measure.memory_of(service.pid)[1],
            "zygote_kib": max(filter(None, zygote_kib), default=None),
            "descriptors": service.descriptors() - idle, "threads": int(re.search(r"^Threads:\s*(\d+)", status, re.M)[1]),
            "zygotes": zygotes, "running workers": running, "store_kib": files / 1024, "slab_kib": int(slab[1])}


COUNTED = ("descriptors", "threads", "zygotes", "running workers")


def settled(service, at_most=None):
    """Its figures, once nothing changes any more; and, as long as patience lasts, once none is above `at_most`."""
    ending, last, since = time.monotonic() + SETTLE_PATIENCE_S, None, time.monotonic()
    while True:
        found = {name: figure for name, figure in figures_of(service).items() if name in COUNTED}
        if found != last:
            last, since = found, time.monotonic()
        is_still = time.monotonic() - since > SETTLE_S
        if time.monotonic() > ending or (is_still and all(found[name] <= (at_most or found)[name] for name in COUNTED)):
            return found
        time.sleep(0.25)


def wrk_mix(service, mix, keys, runs):
    """Sends so many of the mix's requests; how often each kind was answered how, and the seconds it took."""
    command = ["wrk", f"-t{WRK_THREADS}", f"-c{CONNECTIONS}", "-d24h", "--timeout", "60s", "-s",
               str(measure.HERE / "soak.lua"), f"http://{service.host}:{service.port}/v1/runs", "--", str(mix),
               str(runs // WRK_THREADS), *keys]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        for _ in range(WRK_THREADS):
            while (line := wrk.stdout.readline()) not in ("sent\n", ""):
                pass
        took = time.monotonic() - began
        wrk.send_signal(signal.SIGINT)
        lines = wrk.stdout.read().splitlines()
    answers, errors = collections.Counter(), None
    for words in map(str.split, lines):
        if len(words) == 3 and words[2].isdigit():
            answers[words[0], words[1]] += int(words[2])
        elif words[:1] == ["errors"]:
            errors = int(words[1])
    if errors is None:
        raise RuntimeError(f"wrk failed: {lines[-5:]}")
    return answers, errors, took


class Soak:
    """A service with everything on, its tenants, what is sent to it, and what came back."""

    def __init__(self, bench, runs, stack):
        self.runs = runs
        collector = stack.enter_context(observed.collector("well"))
        settings = {"auth": "on", "http": {"idle_timeout_ms": IDLE_S * 1000}, "history": {"max_runs": int(runs * KEPT_SHARE)}}
        policies = {"reloaded": {"extends": "default", "description": "before the first reload"}}
        self.service = stack.enter_context(bench.daemon(policies=policies, settings=settings,
                                                        environment={"OTEL_EXPORTER_OTLP_ENDPOINT": collector, **TRACED}))
        self.keys = [self._tenant(name) for name in TENANTS]
        self.answers, self.seconds, self.errors = collections.Counter(), 0, 0
        self.own_runs = collections.Counter()  # those of neither wrk nor the clients
        self._publish("soak/sum", "1.0.0", soak_mix.SUM_PLUGIN)
        self._publish("soak/sum", "1.1.0", soak_mix.SUM_PLUGIN)
        self._publish("soak/markdown-to-html", "1.0.0", soak_mix.example("markdown-to-html"))
        self.kinds = {kind.name: kind for kind in [*soak_mix.kinds(), *soak_mix.escapes(self._run)]}
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.mix = folder / "mix"
        soak_mix.write_mix(self.kinds.values(), self.mix)

    def _ask(self, method, path, body, key=None):
        answer = self.service.request(method, path, body, self.service.bearer(key or self.service.admin_key))
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.json

    def _tenant(self, name):
        self._ask("PUT", "/v1/plans/soak", market.PLAN)
        self._ask("POST", "/v1/tenants", {"id": name, "plan": "soak"})
        return self._ask("POST", f"/v1/tenants/{name}/keys", {})["key"]

    def _publish(self, plugin, version, content):
        self._ask("PUT", f"/v1/plugins/{plugin}/versions/{version}", content, self.keys[2])

    def _run(self, envelope):
        result = self._ask("POST", "/v1/runs", envelope, self.keys[2])
        self.own_runs[result["status"]] += 1
        return result

    def send(self, runs):
        answers, errors, took = wrk_mix(self.service, self.mix, self.keys[:2], runs)
        self.answers.update(answers)
        self.errors += errors
        self.seconds = took

    def wrong_answers(self):
        return {f"{kind} {status}": count for (kind, status), count in self.answers.items()
                if kind not in self.kinds or status not in self.kinds[kind].statuses}

    def counted(self, clients):
        """How many runs ended how, by those who asked for them."""
        counts = self.own_runs + clients.runs
        for (_, status), count in self.answers.items():
            counts[status] += count
        return counts

    def differences(self, clients):
        """By how many runs metrics, history and the sums of usage are off from what was asked for, and some words."""
        asked = self.counted(clients)
        self._ask("GET", "/v1/runs?limit=1", None)  # waits for all that ended to be in the history
        with self.service.new_connection() as connection:
            metrics = metrics_of(self.service, connection)
        seen = runs_by_status(metrics)
        history = {result: int(count) for result, count in HISTORY_LINE.findall(metrics)}
        used = self._ask("GET", "/v1/costs/daily", None)["total"]["runs"]
        off = sum(abs(asked[status] - seen[status]) for status in {*asked, *seen})
        off += abs(sum(asked.values()) - sum(history.values())) + abs(history["written"] - used)
        texts = {"runs": f"{sum(asked.values()):,}", "in metrics": f"{sum(seen.values()):,}",
                 "written to the history": f"{history['written']:,}", "in the sums of usage": f"{used:,}",
                 **{status: f"{count:,}" for status, count in sorted(seen.items()) if status != "ok"}}
        return off, texts


def growth(watch, name, what, bound):
    """How much more of it there was in the last quarter of the runs than in the second; the first warms up."""
    before, after = watch.quarter(name, 2), watch.quarter(name, 4)
    enough = watch.samples[-1]["runs"] >= JUDGED_RUNS
    if before is None or after is None:
        return Row("S1", f"{what}, last quarter / second quarter", None, note="only root may look into a confined process")
    return Row("S1", f"{what}, last quarter / second quarter", after / before,
               (bound, "at most") if enough else None, note="" if enough else "too few runs to judge",
               figures={"second": f"{before / 1024:.2f} MiB", "last": f"{after / 1024:.2f} MiB"})


def s1_soak(bench):
    runs = bench.soak_runs
    with contextlib.ExitStack() as stack:
        soak = Soak(bench, runs, stack)
        service = soak.service
        clients = soak_mix.Clients(service, TENANTS[2], soak.keys[2])
        with clients:
            soak.send(int(runs * WARM_UP_SHARE))
        before = settled(service)
        with Watch(service, runs) as watch, clients:
            soak.send(runs)
        after = settled(service, before)
        off, texts = soak.differences(clients)
        wrong = soak.wrong_answers()
    bench.found["soak"] = watch.samples
    yield Row("S1", f"{runs:,} runs of {len(soak.kinds)} kinds", soak.seconds, unit=" s",
              figures={"rate": f"{runs / soak.seconds:,.0f}/s", "beside them": f"{sum(clients.done.values()):,} actions",
                       "log": f"{watch.log_bytes >> 20} MiB",
                       "unreclaimable slab of the host": f"{watch.quarter('slab_kib', 2) / 1024:.0f} MiB in the second "
                                                         f"quarter, {watch.quarter('slab_kib', 4) / 1024:.0f} in the last"})
    yield Row("S1", "answers that were not as expected", sum(wrong.values()) + soak.errors + len(clients.wrong),
              (0, "at most"), figures=dict(sorted(wrong.items())[:5]), note="; ".join(clients.wrong[:3]))
    yield Row("S1", "runs that metrics, history or usage count otherwise", off, (0, "at most"), figures=texts)
    yield growth(watch, "service_kib", "sandboxd, private memory", 1.05)
    yield growth(watch, "zygote_kib", "the largest zygote, RSS", 1.05)
    yield growth(watch, "store_kib", "store with its log", 1.1)
    yield Row("S1", "descriptors, threads and processes more than before, once it has settled",
              sum(max(0, after[name] - before[name]) for name in COUNTED), (0, "at most"),
              figures={name: f"{before[name]} before, {after[name]} after" for name in COUNTED})
