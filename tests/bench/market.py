# SPDX-License-Identifier: Apache-2.0
"""What a marketplace costs: M1, keys, limits, the registry, prices and the sums of usage against none of them, and
with ten thousand tenants and plugins against one."""

import contextlib
import json
import pathlib
import sqlite3
import sys

import measure
from report import Row

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import fill_registry

# Limits of every kind, far away; and a price for everything, so that nothing is left out.
FAR = {"per_minute": 10**9, "per_hour": 10**10, "per_day": 10**11}
PLAN = {"requests": FAR, "requests_per_key": FAR, "concurrent_runs": 1000,
        "cost_micros": {"per_day": 10**12, "per_month": 10**12},
        "prices_micros": {"run": 1, "cpu_second": 1, "gib_second": 1}}


def fill_tenants(path, count):
    """Tenants under the plan "measured", each with a key that nobody has."""
    ids = [f"filled-{number}" for number in range(count)]
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.executemany("INSERT INTO tenants (id, name, created_ms, changed_ms) VALUES (?, 'filled', 1, 1)",
                             [(name,) for name in ids])
        database.executemany("INSERT INTO subscriptions (tenant_id, id, plan, started_ms) "
                             "VALUES (?, 'filled', 'measured', 1)", [(name,) for name in ids])
        database.executemany("INSERT INTO api_keys (tenant_id, id, role, name, secret_sha256, created_ms) "
                             "VALUES (?, ?, 'tenant', '', zeroblob(32), 1)",
                             [(name, f"{number:012d}") for number, name in enumerate(ids)])


def marketplace(bench, count):
    """A service with keys, `count` tenants and plugins, and one more tenant: itself, and that tenant's key."""
    service = bench.daemon(settings={"auth": "on"}).start()
    headers = service.bearer(service.admin_key)
    for method, path, body in (("PUT", "/v1/plans/measured", PLAN),
                               ("POST", "/v1/tenants", {"id": "measured", "plan": "measured"})):
        answer = service.request(method, path, body, headers)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer}")
    key = service.request("POST", "/v1/tenants/measured/keys", {}, headers).json["key"]
    service.connection().close()
    service.process.terminate()
    service.process.wait(60)
    fill_registry.fill(service.state_dir, count)
    fill_tenants(service.state_dir / "sandboxd.db", count)
    service.start()
    service._local.__dict__.clear()
    return service, key


def m1_in_force(bench):
    """A plugin by its name, with keys, limits, prices and the sums of usage, against the same code without any."""
    plugin = json.dumps({"plugin": "filled/p0", "context": {"a": 2, "b": 3}}).encode()
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(bench.daemon())
        markets = {count: marketplace(bench, count) for count in (1, 10000)}
        for service, _ in markets.values():
            stack.callback(service.stop)
        loads = [lambda: bench.rate(plain, 32)]
        loads += [lambda s=service, k=key: measure.wrk(f"http://{s.host}:{s.port}/v1/runs", plugin, 32, bench.seconds,
                                                       k)["per_second"] for service, key in markets.values()]
        for load in loads:
            load()
        without, small, large = measure.paired(bench.rounds, *loads)
    yield Row("M1", "with keys, limits, registry and prices / without", measure.ratio(small, without), (0.85, "at least"),
              figures={"with": f"{measure.median(small):,.0f}/s", "without": f"{measure.median(without):,.0f}/s"})
    yield Row("M1", "10,000 tenants and plugins / 1 of each", measure.ratio(large, small), (0.8, "at least"),
              figures={"10,000": f"{measure.median(large):,.0f}/s", "1": f"{measure.median(small):,.0f}/s"})
