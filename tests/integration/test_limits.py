# SPDX-License-Identifier: Apache-2.0
"""Plans in force: limits on requests, runs and money, what they are told by, and that sums are those of the runs."""

import contextlib
import datetime
import http.client
import io
import json
import pathlib
import resource
import selectors
import signal
import sqlite3
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
import openapi
from daemon import Daemon

RUN = {"code": "return 1"}


class Marketplace(Daemon):
    """A sandboxd with keys, and tenants under plans of a test's making."""

    def __init__(self, **settings):
        super().__init__(settings={"auth": "on", **settings})

    def start(self):
        super().start()
        self.document = openapi.Document(self.get("/openapi.json").json)
        return self

    def ask(self, method, path, body=None, key=None):
        response = self.request(method, path, body, self.bearer(key or self.admin_key))
        self.document.check(method, path, response)
        return response

    def tenant(self, name, **plan):
        """A tenant under a plan of its own, and its key."""
        self.plan(name, **plan)
        assert self.ask("POST", "/v1/tenants", {"id": name, "plan": name}).status == 201
        return self.ask("POST", f"/v1/tenants/{name}/keys", {}).json["key"]

    def plan(self, name, **plan):
        response = self.ask("PUT", f"/v1/plans/{name}", plan)
        assert response.status == 200, response

    def crowd(self, key, body, connections=64, each=5, path="/v1/runs"):
        """The answers to `each` requests on each of `connections` connections together, as far as there were any."""
        answers, start = [], threading.Barrier(connections)

        def push():
            with self.new_connection() as connection, contextlib.suppress(OSError, http.client.HTTPException):
                start.wait()
                for _ in range(each):
                    answers.append(connection.request("POST", path, body, self.bearer(key)))

        threads = [threading.Thread(target=push) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


class Limits(unittest.TestCase):
    def assert_limited(self, response, scope, name):
        self.assertEqual((response.status, response.json["code"]), (429, "rate_limited"), response)
        limit = response.json["limit"]
        self.assertEqual((limit["scope"], limit["name"]), (scope, name))
        self.assertGreaterEqual(int(response.headers["retry-after"]), 1)
        prefix = "" if scope == "tenant" else f"{scope}-"
        self.assertIn(f'"{prefix}{name}";r=', response.headers["ratelimit"])
        self.assertIn(f'"{prefix}{name}";q={limit["maximum"]}', response.headers["ratelimit-policy"])

    @staticmethod
    def in_flight(server):
        return server.ask("GET", "/v1/stats").json["runs"]["in_flight"]

    def test_not_one_request_too_many_on_64_connections_and_after_restarts(self):
        server = Marketplace()
        with server:
            key = server.tenant("busy", requests={"per_day": 100, "per_hour": 1000})
            answers = server.crowd(key, RUN)
            self.assertEqual(sum(answer.status == 200 for answer in answers), 100)
            refused = next(answer for answer in answers if answer.status == 429)
            server.document.check("POST", "/v1/runs", refused)
            self.assert_limited(refused, "tenant", "day")
            midnight = 86400 - datetime.datetime.now(datetime.timezone.utc).timestamp() % 86400
            self.assertAlmostEqual(int(refused.headers["retry-after"]), midnight, delta=30)
            half = server.tenant("half", requests={"per_hour": 64})
            self.assertEqual(sum(answer.status == 200 for answer in server.crowd(half, RUN, 8, 4)), 32)
            server.halt()
            server.start_again()
            self.assert_limited(server.ask("POST", "/v1/runs", RUN, key), "tenant", "day")
            self.assertEqual(sum(answer.status == 200 for answer in server.crowd(half, RUN, 4, 4)), 16)
            server.halt(signal.SIGKILL)
            server.start_again()
            self.assert_limited(server.ask("POST", "/v1/runs", RUN, key), "tenant", "day")
            left = sum(answer.status == 200 for answer in server.crowd(half, RUN, 8, 8))
            self.assertLessEqual(left, 16)
            self.assertGreaterEqual(left, 16 - 64 // 16)

    def test_minutes_are_a_bucket_and_headers_tell_what_is_left(self):
        with Marketplace() as server:
            key = server.tenant("bursts", requests={"per_minute": 10}, requests_per_key={"per_minute": 4})
            first = server.ask("POST", "/v1/runs", RUN, key)
            self.assertEqual(first.headers["ratelimit-policy"], '"key-minute";q=4;w=60, "minute";q=10;w=60')
            self.assertRegex(first.headers["ratelimit"], r'^"key-minute";r=3;t=\d+$')
            answers = [server.ask("POST", "/v1/runs", RUN, key) for _ in range(6)]
            self.assert_limited(answers[-1], "key", "minute")
            self.assertLessEqual(int(answers[-1].headers["retry-after"]), 15)
            other = server.ask("POST", "/v1/tenants/bursts/keys", {}).json["key"]
            self.assertEqual(server.ask("POST", "/v1/validate", RUN, other).status, 200)
            samples = server.ask("GET", "/metrics").body.decode()
            self.assertRegex(samples, r'sandbox_rate_limited_total\{scope="key",unit="minute"\} [1-9]')

    def test_whatever_a_tenants_key_may_ask_for_is_counted(self):
        with Marketplace() as server:
            key = server.tenant("curious", requests={"per_day": 3})
            for path in ("/v1/runs", "/v1/tenants/curious/usage", "/v1/plugins"):
                self.assertIn('"day";q=3;w=86400', server.ask("GET", path, key=key).headers["ratelimit-policy"])
            for method, path, operation in server.document.operations():
                roles = {role for way in operation["security"] for role in way["key"]}
                body = {} if method in ("POST", "PUT", "PATCH") else None
                with self.subTest(f"{method} {path}"):
                    answer = server.ask(method, path.replace("{id}", "curious"), body, key)
                    self.assertEqual(answer.status, 429 if "tenant" in roles else 403 if roles else 200)
            self.assert_limited(server.ask("GET", "/v1/runs", key=key), "tenant", "day")
            self.assertEqual(server.ask("GET", "/v1/runs").status, 200)  # an admin

    def test_as_many_runs_at_once_as_the_plan_has(self):
        with Marketplace() as server:
            key = server.tenant("parallel", concurrent_runs=3)
            spin = {"code": "while true do end", "limits": {"cpu_ms": 20000}}
            threads = [threading.Thread(target=server.crowd, args=(key, spin, 1, 1)) for _ in range(3)]
            for thread in threads:
                thread.start()
            daemon.wait_until(lambda: len(self.in_flight(server)) == 3, "three runs")
            self.assert_limited(server.ask("POST", "/v1/runs", RUN, key), "tenant", "concurrency")
            for run in self.in_flight(server):
                server.ask("DELETE", f"/v1/runs/{run['id']}", key=key)
            for thread in threads:
                thread.join()
            self.assertEqual(server.ask("POST", "/v1/runs", RUN, key).status, 200)

    def test_validations_of_a_tenant_do_not_take_every_worker(self):
        with Marketplace() as server:
            key = server.tenant("validates")
            slow = {"code": "local a = {1, 2, 3}\n" * 100 + "a = {1, 2, 3}\n" * 15000}

            def refused():
                answers = server.crowd(key, slow, 12, 1, "/v1/validate")
                for answer in answers:
                    server.document.check("POST", "/v1/validate", answer)
                self.assertLessEqual({answer.status for answer in answers}, {200, 503})
                return [answer for answer in answers if answer.status == 503]

            self.assertEqual(daemon.wait_until(refused, "a refusal")[0].json["code"], "busy")
            self.assertEqual(server.ask("POST", "/v1/validate", RUN, key).status, 200)

    def test_money_is_never_overspent_and_only_what_was_used_is_charged(self):
        price = {"run": 1000, "cpu_second": 1000000}
        with Marketplace() as server:
            key = server.tenant("poor", cost_micros={"per_day": 50000}, prices_micros=price,
                                ceilings={"cpu_ms": 10})
            answers = server.crowd(key, RUN, 64, 3)
            done = sum(answer.status == 200 for answer in answers)
            usage = server.ask("GET", "/v1/tenants/poor/usage", key=key).json
            self.assertEqual(usage["total"]["runs"], done)
            self.assertLessEqual(usage["total"]["cost_micros"], 50000)
            while (answer := server.ask("POST", "/v1/runs", RUN, key)).status == 200:
                done += 1
            self.assert_limited(answer, "tenant", "cost-day")
            usage = server.ask("GET", "/v1/tenants/poor/usage", key=key).json["total"]
            self.assertEqual(usage["runs"], done)
            # Up to the most that one more could have cost, all of it was spent.
            self.assertTrue(50000 - 11000 < usage["cost_micros"] <= 50000, usage)

    def test_money_is_counted_to_the_last_millionth_over_restarts_and_kills(self):
        """Per day, per month, and of all together: what a plan, a month and the operator have left is what runs left."""
        server = Marketplace(limits={"cost_per_day_micros": 60000})
        plans = {"daily": {"per_day": 20000}, "monthly": {"per_day": 90000, "per_month": 25000}, "free-handed": {}}
        units = {"daily": ("tenant", "cost-day"), "monthly": ("tenant", "cost-month"), "free-handed": ("global", "cost-day")}
        left = {"daily": 20, "monthly": 25, "free-handed": 60 - 20 - 25}
        with server:
            keys = {name: server.tenant(name, prices_micros={"run": 1000}, cost_micros=cost) for name, cost in plans.items()}
            for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
                for name, key in keys.items():
                    answers = server.crowd(key, RUN, 4, 1)
                    self.assertEqual([answer.status for answer in answers], [200] * 4, answers)
                    left[name] -= 4
                server.halt(how)
                server.start_again()
            for name, key in keys.items():
                answers = server.crowd(key, RUN, 64, 1)
                self.assertEqual(sum(answer.status == 200 for answer in answers), left[name], name)
                self.assert_limited(next(answer for answer in answers if answer.status == 429), *units[name])
            for how in (signal.SIGTERM, signal.SIGKILL):
                server.halt(how)
                server.start_again()
                for name, key in keys.items():
                    self.assert_limited(server.ask("POST", "/v1/runs", RUN, key), *units[name])
            total = server.ask("GET", "/v1/costs/daily").json["total"]
            self.assertEqual((total["runs"], total["cost_micros"]), (60, 60000))
            self.assertEqual(server.ask("GET", "/v1/costs/projection").json["today_micros"], 60000)

    def test_requests_of_a_key_and_of_all_together_are_counted_over_restarts_and_kills(self):
        server = Marketplace(limits={"requests_per_hour": 3000})
        with server:
            key = server.tenant("keyed", requests_per_key={"per_day": 320})
            self.assertEqual(sum(answer.status == 200 for answer in server.crowd(key, RUN, 8, 20)), 160)
            server.halt()
            server.start_again()
            self.assertEqual(sum(answer.status == 200 for answer in server.crowd(key, RUN, 8, 10)), 80)
            server.halt(signal.SIGKILL)
            server.start_again()
            done = sum(answer.status == 200 for answer in server.crowd(key, RUN, 16, 10))
            self.assertTrue(80 - 320 // 16 <= done <= 80, done)
            self.assert_limited(server.ask("POST", "/v1/runs", RUN, key), "key", "day")

    def test_a_limit_of_all_together_stops_a_runaway(self):
        with Marketplace(limits={"cost_per_day_micros": 10000, "requests_per_hour": 1000}) as server:
            keys = [server.tenant(name, prices_micros={"run": 1000}) for name in ("one", "two")]
            statuses = [server.ask("POST", "/v1/runs", RUN, keys[i % 2]).status for i in range(14)]
            self.assertEqual(statuses, [200] * 10 + [429] * 4)
            self.assert_limited(server.ask("POST", "/v1/runs", RUN, keys[0]), "global", "cost-day")
            projection = server.ask("GET", "/v1/costs/projection").json
            self.assertEqual((projection["today_micros"], projection["daily_limit_micros"]), (10000, 10000))
            samples = server.ask("GET", "/metrics").body.decode()
            self.assertIn("\nsandbox_cost_day_micros 10000\n", samples)
            http = server.ask("GET", "/v1/stats").json["http"]
            self.assertEqual((http["limited_total"], http["unavailable_total"]), (5, 0))
            self.assertIn("\nsandbox_cost_day_limit_micros 10000\n", samples)

    def test_a_flood_by_others_does_not_shut_the_administrator_out(self):
        """Service-wide limits on requests are for what executes code; to read and to manage, an admin gets in."""
        with Marketplace(limits={"requests_per_day": 20, "requests_per_hour": 20}) as server:
            key = server.tenant("floods")
            self.assertEqual(sum(answer.status == 200 for answer in server.crowd(key, RUN, 8, 4)), 20)
            executes = {("POST", "/v1/runs"), ("POST", "/v1/validate"), ("PUT", "/v1/plugins/{ns}/{name}/versions/{version}")}
            for method, path, operation in server.document.operations():
                if not any("admin" in way["key"] for way in operation["security"] if "key" in way):
                    continue
                with self.subTest(f"{method} {path}"):
                    body = {} if method in ("POST", "PUT", "PATCH") else None
                    answer = server.ask(method, path.replace("{id}", "floods"), body)
                    if (method, path) in executes:
                        self.assertEqual((answer.status, answer.json["limit"]["scope"]), (429, "global"))
                    else:
                        self.assertNotEqual(answer.status, 429, answer)

    def test_a_plan_sets_limits_and_policies_and_is_named(self):
        with Marketplace() as server:
            key = server.tenant("small", ceilings={"cpu_ms": 10, "memory_bytes": 8 << 20}, policies=["strict"])
            result = server.ask("POST", "/v1/runs", {"code": "while true do end"}, key).json
            self.assertEqual(result["error"]["limit"], {**result["error"]["limit"], "value": 10, "set_by": "plan"})
            self.assertEqual(result["policy"]["name"], "strict")
            refused = server.ask("POST", "/v1/runs", {**RUN, "limits": {"cpu_ms": 11}}, key)
            self.assertIn('plan "small" allows', refused.json["errors"][0]["detail"])
            self.assertEqual(server.ask("POST", "/v1/runs", {**RUN, "policy": "default"}, key).status, 403)
            server.plan("small")
            self.assertEqual(server.ask("POST", "/v1/runs", {**RUN, "policy": "default"}, key).status, 200)


class Flood:
    """A request on each of many connections at once, and the answers as they come. Closes what is left open."""

    def __init__(self, server, key, body, connections):
        text = json.dumps(body).encode()
        self._request = (f"POST /v1/runs HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {key}\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
                         "Connection: close\r\n\r\n").encode() + text
        self._server, self._connections = server, connections
        self._selector = selectors.DefaultSelector()
        self.answers = []

    def __enter__(self):
        for _ in range(self._connections):
            connection = self._server.raw_socket()
            self._selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.sendall(self._request)
        return self

    def __exit__(self, *_):
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def take(self):
        """Hears what has come; how many answers there are by now."""
        for key, _ in self._selector.select(0):
            data = key.fileobj.recv(65536)
            key.data.extend(data)
            if data:
                continue
            self._selector.unregister(key.fileobj)
            key.fileobj.close()
            head, _, body = bytes(key.data).partition(b"\r\n\r\n")
            line, _, headers = head.partition(b"\r\n")
            fields = http.client.parse_headers(io.BytesIO(headers + b"\r\n\r\n"))
            self.answers.append(daemon.Response(int(line.split()[1]), fields.items(), body))
        return len(self.answers)


class Neighbours(unittest.TestCase):
    CONNECTIONS, AT_ONCE = 1000, 20

    def test_who_floods_on_1000_connections_is_refused_truthfully_and_the_other_is_served(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 2 * self.CONNECTIONS:
            resource.setrlimit(resource.RLIMIT_NOFILE, (2 * self.CONNECTIONS, hard))
        spin = {"code": "while true do end", "limits": {"cpu_ms": 10000}}
        with Marketplace(workers={"max_running": 4}) as server:
            noisy = server.tenant("noisy", concurrent_runs=self.AT_ONCE, requests={"per_minute": 300})
            quiet = server.tenant("quiet", priority=4)
            with Flood(server, noisy, spin, self.CONNECTIONS) as flood:
                daemon.wait_until(lambda: flood.take() >= self.CONNECTIONS - self.AT_ONCE, "the refusals")
                for _ in range(50):
                    self.assertEqual(server.ask("POST", "/v1/runs", RUN, quiet).json["output"], 1)
                self.assertLessEqual(server.ask("GET", "/v1/stats").json["workers"]["running"], 3, "a place is left")
                self.assertGreater(len(self.in_flight(server)), 3, "the flood goes on all the while")
                self.end_runs(server)
                daemon.wait_until(lambda: flood.take() == self.CONNECTIONS, "the answers to the runs")
            refused = [answer for answer in flood.answers if answer.status == 429]
            served = [answer.json["status"] for answer in flood.answers if answer.status == 200]
            self.assertEqual(len(refused) + len(served), self.CONNECTIONS)
            self.assertIn("cancelled", served)
            # A busy machine may have ended some by their wall limit, which let others in.
            self.assertLessEqual(set(served), {"cancelled", "wall_limit"})
            self.assertGreaterEqual(len(served), self.AT_ONCE)
            self.assert_truthful(server, noisy, refused)

    def end_runs(self, server):
        """As an administrator: the tenant may have no requests left."""
        while runs := self.in_flight(server):
            for run in runs:
                server.ask("DELETE", f"/v1/runs/{run['id']}")

    def assert_truthful(self, server, key, refused):
        """Who waits as long as it was told is served."""
        for name in ("minute", "concurrency"):
            answer = next(answer for answer in refused if answer.json["limit"]["name"] == name)
            server.document.check("POST", "/v1/runs", answer)
            self.assertEqual(answer.json["limit"]["scope"], "tenant")
            self.assertEqual(answer.headers["retry-after"], "1", name)
        while (answer := server.ask("POST", "/v1/runs", RUN, key)).status == 200:
            pass
        self.assertEqual((answer.status, answer.json["limit"]["name"]), (429, "minute"))
        time.sleep(int(answer.headers["retry-after"]))
        self.assertEqual(server.ask("POST", "/v1/runs", RUN, key).status, 200)

    in_flight = staticmethod(Limits.in_flight)


class Usage(unittest.TestCase):
    def test_sums_are_those_of_the_runs_also_after_a_kill(self):
        with Marketplace() as server:
            keys = [server.tenant(f"t{n}", prices_micros={"run": 7, "cpu_second": 900000}) for n in range(3)]
            for n, key in enumerate(keys):
                server.crowd(key, RUN, 4, 5 * (n + 1))
            server.ask("POST", "/v1/runs", {"code": "error('x')"}, keys[0])
            before = [server.ask("GET", f"/v1/tenants/t{n}/usage").json for n in range(3)]
            self.assertEqual([report["total"]["runs"] for report in before], [21, 40, 60])
            self.assertEqual(before[0]["total"]["failures"], 1)
            self.assertEqual(before[0]["days"][0]["plugins"][0]["plugin"], None)
            runs = server.ask("GET", "/v1/runs?limit=1000&tenant=t1").json["items"]
            self.assertEqual(sum(run["cost_micros"] for run in runs), before[1]["total"]["cost_micros"])
            self.assertEqual({run["plan"] for run in runs}, {"t1"})
            daily = server.ask("GET", "/v1/costs/daily").json
            self.assertEqual(daily["items"][0]["date"], today())
            self.assertEqual(daily["total"]["cost_micros"], sum(r["total"]["cost_micros"] for r in before))
            top = server.ask("GET", "/v1/costs/tenants?top=2").json["items"]
            self.assertEqual([tenant["tenant"] for tenant in top], ["t2", "t1"])
            spent = int(next(line.split()[-1] for line in server.ask("GET", "/metrics").body.decode().splitlines()
                             if line.startswith('sandbox_cost_micros_total{plan="t1"}')))
            self.assertEqual(spent, before[1]["total"]["cost_micros"])
            flood = threading.Thread(target=server.crowd, args=(keys[2], RUN, 4, 100000))
            flood.start()
            daemon.wait_until(lambda: server.ask("GET", "/v1/costs/daily").json["total"]["runs"] > 150, "some runs")
            server.halt(signal.SIGKILL)
            flood.join()
            server.start_again()
            with sqlite3.connect(server.state_dir / "sandboxd.db") as store:
                sums = "count(*), sum(status <> 'ok'), sum(cpu_us), sum(memory_kib_ms), sum(cost_micros)"
                of_runs = store.execute(f"SELECT tenant, {sums} FROM runs GROUP BY tenant ORDER BY tenant").fetchall()
                of_days = store.execute("SELECT tenant_id, sum(runs), sum(failures), sum(cpu_us), sum(memory_kib_ms), "
                                        "sum(cost_micros) FROM usage_daily GROUP BY tenant_id ORDER BY tenant_id").fetchall()
                self.assertEqual(store.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            self.assertEqual(of_runs, of_days)

    def test_ranges_are_dates(self):
        with Marketplace() as server:
            key = server.tenant("dates")
            server.ask("POST", "/v1/runs", RUN, key)
            past = server.ask("GET", "/v1/tenants/dates/usage?from=2020-01-01&to=2020-02-01", key=key).json
            self.assertEqual((past["days"], past["total"]["runs"]), ([], 0))
            for query in ("from=yesterday", "from=2030-01-01&to=2020-01-01", "from=2001-01-01&to=2026-01-01", "form=1"):
                self.assertEqual(server.ask("GET", f"/v1/tenants/dates/usage?{query}", key=key).status, 422, query)
            self.assertEqual(server.ask("GET", "/v1/tenants/nobody/usage").status, 404)
            self.assertEqual(server.ask("GET", "/v1/costs/tenants?top=0").status, 422)


if __name__ == "__main__":
    daemon.main()
