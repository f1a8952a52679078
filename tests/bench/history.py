# SPDX-License-Identifier: Apache-2.0
"""O4, the history with a million runs in it: pages and single runs against a history of a thousand, filters that match
next to nothing, and the writer while it drops what is too much."""

import contextlib
import datetime
import re
import sqlite3
import time

import measure
from report import Row

STEP_MS = 100  # between two stored runs
COUNTS = (1000, 1000000)
LOWERED = 10000
# Of every column that runs are filtered by: common values, and rare ones in the oldest runs alone.
STORED = {
    "tenant": "CASE WHEN n.i % 2 THEN 'big' ELSE 'tenant-' || (n.i % 100) END",
    "plugin": "CASE n.i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'acme/slugify' ELSE 'acme/plugin-' || (n.i % 50) END",
    "policy": "CASE WHEN n.i % 5 THEN 'default' ELSE 'strict' END",
    "status": "CASE WHEN n.i = 1 THEN 'syscall_denied' WHEN n.i % 10 = 0 THEN 'plugin_error' ELSE 'ok' END",
    "trace_id": "printf('%032x', n.i)",
}


def fill(path, count):
    """Copies the one stored run `count` times, up to now, with the values of STORED: one statement, in the order of the
    ids, so that the tables grow at their ends."""
    first_ms = int(time.time() * 1000) - STEP_MS * count
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.create_function("run_id", 1, lambda i: (first_ms + STEP_MS * i).to_bytes(6, "big") + b"\x70\x00\x80" +
                                 i.to_bytes(7, "big"))
        # A file that is thrown away afterwards need not survive a power cut.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")
        columns = [row[1] for row in database.execute("PRAGMA table_info(runs)") if row[1] != "id"]
        values = ", ".join(STORED.get(column, column) for column in columns)
        with database:
            database.execute("CREATE TEMP TABLE one AS SELECT * FROM runs LIMIT 1")
            database.execute(f"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) "
                             f"INSERT INTO runs (id, {', '.join(columns)}) SELECT run_id(n.i), {values} "
                             f"FROM n, one ORDER BY n.i")
        stored, = database.execute("SELECT count(*) FROM runs").fetchone()
    if stored <= count:
        raise RuntimeError(f"{stored} runs are stored, not {count}: did the service store the first one?")


def ago(minutes):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


PAGES = {
    "all": "", "tenant": "tenant=big", "plugin": "plugin=acme/slugify", "policy": "policy=strict", "failures": "status=plugin_error",
    "tenant and status": "tenant=big&status=ok", "tenant, plugin and time": "tenant=big&plugin=acme/slugify&since={hour}",
    "policy and status": "policy=strict&status=plugin_error",
}
# What is looked for is the oldest run, or none.
MISSES = {
    "rare status": "status=syscall_denied", "tenant, rare status": "tenant=big&status=syscall_denied",
    "trace": "trace_id=00000000000000000000000000000001", "tenant without the plugin": "tenant=big&plugin=acme/none",
    "plugin without the policy": "plugin=acme/slugify&policy=none", "tenant without the policy": "tenant=big&policy=none",
}


def ask_ms(daemon, path):
    began = time.perf_counter()
    answer = daemon.get(path)
    took_ms = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer}")
    return took_ms, answer.json


def pages_ms(daemon, query, times):
    """Of the first page and each that follows it, and of getting the last run of each."""
    listed, got, cursor = [], [], None
    for _ in range(times):
        took_ms, page = ask_ms(daemon, f"/v1/runs?{query}" + (f"&cursor={cursor}" if cursor else ""))
        listed.append(took_ms)
        got.append(ask_ms(daemon, f"/v1/runs/{page['items'][-1]['id']}")[0])
        cursor = page["next_cursor"]
    return listed, got


def spread(times_ms):
    return f"p50 {measure.median(times_ms):.2f} ms, p99 {measure.quantile(times_ms, 0.99):.2f} ms"


def left_out(daemon):
    text = daemon.get("/metrics").body.decode()
    return sum(int(float(count)) for count in
               re.findall(r'^sandbox_history_runs_total\{result="(?:queue_full|store_failed)"\} (\S+)', text, re.MULTILINE))


def o4_history(bench):
    times = 10 if bench.rounds == 1 else 100
    with contextlib.ExitStack() as stack:
        daemons = {}
        for count in COUNTS:
            daemons[count] = stack.enter_context(bench.daemon())
            daemons[count].restart(lambda: fill(daemons[count].state_dir / "sandboxd.db", count))
        found = {count: {} for count in COUNTS}
        got = {count: [] for count in COUNTS}
        for name, query in PAGES.items():
            for count, daemon in daemons.items():
                found[count][name], one = pages_ms(daemon, query.format(hour=ago(60)), times)
                got[count] += one
        few, many = COUNTS
        ratios = {name: measure.median(found[many][name]) / measure.median(found[few][name]) for name in PAGES}
        yield Row("O4", "p50 of a page, 1,000,000 stored runs / 1,000", max(ratios.values()), (2, "at most"),
                  figures={name: f"{ratio:.2f}" for name, ratio in ratios.items()},
                  note="the worst is judged; all pages: " + spread(sum(found[many].values(), [])))
        yield Row("O4", "p50 of one run, 1,000,000 stored / 1,000", measure.median(got[many]) / measure.median(got[few]),
                  (2, "at most"), figures={f"{count:,}": spread(got[count]) for count in COUNTS})
        missed = {name: [ask_ms(daemons[many], f"/v1/runs?{query}")[0] for _ in range(times // 5)]
                  for name, query in MISSES.items()}
        yield Row("O4", "p50 of a filter that matches next to none of 1,000,000", max(map(measure.median, missed.values())),
                  (500, "at most"), " ms", figures={name: spread(times_ms) for name, times_ms in missed.items()},
                  note="the worst is judged")
    yield dropping(bench)


def dropping(bench):
    """The history as it is lowered: two thousand runs go at once, and new ones are written in between."""
    with bench.daemon(settings={"history": {"max_runs": LOWERED}}) as daemon:
        daemon.restart(lambda: fill(daemon.state_dir / "sandboxd.db", COUNTS[-1]))
        rate = bench.rate(daemon, 32)
        lost = left_out(daemon)
        longest_ms = max(ask_ms(daemon, "/v1/runs?limit=1")[0] for _ in range(20))
    return Row("O4", "runs left out of the history while it drops 990,000", lost, (0, "at most"),
               figures={"rate": f"{rate:,.0f}/s", "longest list": f"{longest_ms:.1f} ms"})
