# SPDX-License-Identifier: Apache-2.0
"""What a noisy neighbour costs a quiet tenant: P9."""

import contextlib
import json
import socket

import measure
from report import Row

FLOOD_CONNECTIONS = 1000
PLAN = {"requests": {}, "requests_per_key": {}, "prices_micros": {}}
SPIN = json.dumps({"code": "while true do end", "limits": {"cpu_ms": 10000}}).encode()


def tenant(service, name):
    """A tenant without limits of its own; its key."""
    headers = service.bearer(service.admin_key)
    for method, path, body in (("PUT", "/v1/plans/unlimited", PLAN),
                               ("POST", "/v1/tenants", {"id": name, "plan": "unlimited"})):
        answer = service.request(method, path, body, headers)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer}")
    return service.request("POST", f"/v1/tenants/{name}/keys", {}, headers).json["key"]


@contextlib.contextmanager
def flood(service, key):
    """A thousand connections, each with a run of ten seconds: as many run as one tenant may, the rest waits."""
    request = (f"POST /v1/runs HTTP/1.1\r\nHost: {service.host}\r\nAuthorization: Bearer {key}\r\n"
               f"Content-Type: application/json\r\nContent-Length: {len(SPIN)}\r\n\r\n").encode() + SPIN
    with contextlib.ExitStack() as connections:
        for _ in range(FLOOD_CONNECTIONS):
            connection = connections.enter_context(socket.create_connection((service.host, service.port), 30))
            connection.sendall(request)
        yield


def p9_neighbour(bench, trivial):
    body = json.dumps(trivial).encode()
    with bench.daemon(settings={"auth": "on"}) as service:
        quiet, noisy = tenant(service, "quiet"), tenant(service, "noisy")

        def p99():
            return measure.wrk(f"http://{service.host}:{service.port}/v1/runs", body, 1, bench.seconds, quiet)["p99_us"]

        def p99_beside_it():
            with flood(service, noisy):
                return p99()

        p99()
        alone, beside = measure.paired(bench.rounds, p99, p99_beside_it)
    yield Row("P9", "p99 of a quiet tenant beside 1,000 runs of ten seconds / alone", measure.ratio(beside, alone),
              (2, "at most"), figures={"beside": f"{measure.median(beside):,.0f} µs",
                                       "alone": f"{measure.median(alone):,.0f} µs"})
