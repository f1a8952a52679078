# SPDX-License-Identifier: Apache-2.0
"""Keys and tenants over HTTP: who gets in, who sees what, and what lasts."""

import json
import pathlib
import re
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import Daemon

ROUTES_SOURCE = daemon.SOURCE_DIR / "sandboxd" / "api" / "routes.c"
WITH_KEYS = {"settings": {"auth": "on"}}


class FirstStart(unittest.TestCase):
    def test_the_first_start_writes_a_key_and_never_tells_it(self):
        with Daemon(**WITH_KEYS) as server:
            path = server.state_dir / "admin.key"
            key = path.read_text(encoding="ascii").strip()
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertRegex(key, r"^sbx_[0-9a-z]{12}_[0-9A-Za-z]{40}$")
            self.assertEqual(server.get("/v1/stats", {"Authorization": f"Bearer {key}"}).status, 200)
            record = server.wait_for_log(lambda r: "admin" in r["msg"], "the key's path")
            self.assertEqual(record["path"], str(path))
            server.get("/v1/stats", {"Authorization": f"Bearer {key}x"})
            self.assertNotIn(key[-40:], server.log_text)
            self.assertNotIn(key[-40:].encode(), (server.state_dir / "sandboxd.db-wal").read_bytes())

    def test_later_starts_leave_the_key_as_it_is(self):
        server = Daemon(**WITH_KEYS)
        with server:
            key = server.admin_key
            server.halt()
            server.start_again()
            self.assertEqual(server.admin_key, key)
            self.assertEqual(server.get("/v1/stats", server.bearer(key)).status, 200)

    def test_without_auth_no_key_is_made(self):
        with Daemon() as server:
            self.assertFalse((server.state_dir / "admin.key").exists())
            self.assertEqual(server.get("/v1/stats").status, 200)


class Keys(daemon.DaemonTest):
    daemon_options = WITH_KEYS

    def test_without_a_good_key_nothing_is_done(self):
        bad = self.daemon.admin_key[:-1] + "!"
        for header, told in ((None, False), ("Bearer ", True), ("Basic abc", True), (f"Bearer {bad}", True),
                             ("Bearer sbx_000000000000_" + "0" * 40, True)):
            headers = {} if header is None else {"Authorization": header}
            response = self.daemon.post("/v1/runs", {"code": "return 1"}, headers)
            self.assertEqual((response.status, response.json["code"]), (401, "unauthenticated"), header)
            self.assertEqual(response.headers["www-authenticate"].startswith("Bearer realm="), True)
            self.assertEqual("invalid_token" in response.headers["www-authenticate"], told)

    def test_open_routes_ask_for_no_key(self):
        for path in ("/livez", "/readyz", "/openapi.json"):
            self.assertEqual(self.daemon.get(path).status, 200, path)

    def test_pages_of_other_hosts_may_call_with_a_key(self):
        headers = {**self.daemon.bearer(self.daemon.admin_key), "Origin": "https://example.org", "Host": "example.org"}
        self.assertEqual(self.daemon.post("/v1/runs", {"code": "return 1"}, headers).status, 200)


class Attempts(daemon.DaemonTest):
    daemon_options = WITH_KEYS

    def test_bad_keys_are_limited_and_good_ones_go_on(self):
        statuses = [self.daemon.get("/v1/stats", {"Authorization": "Bearer x"}) for _ in range(60)]
        refused = [response for response in statuses if response.status == 429]
        self.assertGreater(len(refused), 10)
        self.assertEqual({response.status for response in statuses}, {401, 429})
        self.assertIn(int(refused[-1].headers["retry-after"]), (1, 2, 3))
        self.assertEqual(self.daemon.get("/v1/stats", self.daemon.bearer(self.daemon.admin_key)).status, 200)


class MetricsListener(unittest.TestCase):
    def test_the_listener_of_its_own_asks_for_no_key(self):
        with Daemon(settings={"auth": "on", "metrics_listen": "127.0.0.1:0"}) as server:
            self.assertEqual(server.get("/v1/health").status, 401)
            records = [record for record in server.records if record["msg"] == "listening"]
            port = int(records[-1]["address"].rpartition(":")[2])
            with daemon.Connection("127.0.0.1", port) as metrics:
                self.assertEqual(metrics.request("GET", "/metrics").status, 200)
                self.assertEqual(metrics.request("GET", "/v1/health").status, 200)
                self.assertEqual(metrics.request("GET", "/v1/stats").status, 404)


class Document(unittest.TestCase):
    def test_every_route_says_whom_it_is_for_and_the_document_says_the_same(self):
        source = ROUTES_SOURCE.read_text(encoding="utf-8")
        routes = re.findall(r'\{METHOD_(\w+), "([^"]+)",[^}]*?ACCESS_(\w+)', source)
        self.assertEqual(len(routes), source.count("{METHOD_"))
        with Daemon() as server:
            paths = server.get("/openapi.json").json["paths"]
        for method, path, access in routes:
            operation = paths[path][method.lower()]
            roles = sorted(role for way in operation["security"] for role in way["key"])
            expected = {"OPEN": [], "ADMIN": ["admin"]}.get(access, ["admin", "tenant"])
            self.assertEqual(roles, expected, (method, path))
            if access != "OPEN":
                self.assertLessEqual({"401", "403", "429"}, operation["responses"].keys(), (method, path))


if __name__ == "__main__":
    daemon.main()
